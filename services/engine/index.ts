// Encoding and searching, in this process or in one of its own; importing this loads neither.

export { hasIndex, indexFile, removeIndexes } from './index-files';
export { loadServingModel, openEngine } from './open';
export { writePreparing } from './preparing';
export { startEngine } from './remote';
export { EngineUnavailable, ModelChanged } from './types';
export type { Engine, EngineOptions, EngineSearch, EngineStatus, Preparing } from './types';
export type { EngineParts } from './local';
