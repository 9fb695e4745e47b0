// Encoding and searching, in this process or in one of its own; importing this loads neither.

export { openEngine } from './open';
export { startEngine } from './remote';
export { EngineUnavailable } from './types';
export type { Engine, EngineOptions, EngineSearch, EngineStatus } from './types';
export type { EngineParts } from './local';
