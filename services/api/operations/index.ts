// Every route of the API, by name.

import { collectionOperations } from './collections';
import { embeddingOperations } from './embeddings';
import { itemOperations } from './items';
import { jobOperations } from './jobs';
import { libraryOperations } from './library';
import { mapOperations } from './map';
import { modelOperations } from './models';
import { searchOperations } from './search';
import { trainingOperations } from './training';

export const operations = {
  ...searchOperations,
  ...itemOperations,
  ...libraryOperations,
  ...collectionOperations,
  ...embeddingOperations,
  ...jobOperations,
  ...trainingOperations,
  ...modelOperations,
  ...mapOperations,
};

export type Operations = typeof operations;
export type OperationName = keyof Operations;
