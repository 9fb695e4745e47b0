// The API as data: schemas of every request and answer, and the routes that they belong to. No HTTP.

export { operations, type OperationName, type Operations } from './operations';
export type { Operation } from './operation';
export { openApiDocument } from './openapi';
export { methodsOf } from './routes';
export { problem, type PictureAnswer, type Problem } from './schemas/common';
export * from './schemas/jobs';
export * from './schemas/library';
export * from './schemas/map';
export * from './schemas/models';
export * from './schemas/facets';
export * from './schemas/item';
export * from './schemas/search';
export * from './schemas/status';
export * from './schemas/training';
