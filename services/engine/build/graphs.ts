// What commands need that build, measure and tune graphs in their own process.

export { buildGraph, defaultTarget, keep, tuningOf } from './build-graph';
export { batches, fill, sampleQueries, savedGraph } from './graph-source';
