// Encoding and searching, in this process or in one of its own; importing this loads neither.

export { hasIndex, indexFile, removeIndexes } from './index-files';
export type { GraphSource } from './build/graph-source';
export { loadGraphs, loadNamedModel, loadServingModel, openEngine } from './open';
export { writePreparing } from './preparing';
export { startEngine } from './remote';
export { EngineUnavailable, ModelChanged } from './types';
export type {
  Engine,
  EngineBackground,
  EngineOptions,
  EngineSearch,
  EngineStatus,
  Preparing,
} from './types';
export type { EngineParts } from './local';
