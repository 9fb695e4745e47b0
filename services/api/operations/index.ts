// Every route of the API, by name.

import { itemOperations } from './items';
import { jobOperations } from './jobs';
import { mapOperations } from './map';
import { modelOperations } from './models';
import { searchOperations } from './search';
import { trainingOperations } from './training';

export const operations = {
  ...searchOperations,
  ...itemOperations,
  ...jobOperations,
  ...trainingOperations,
  ...modelOperations,
  ...mapOperations,
};

export type Operations = typeof operations;
export type OperationName = keyof Operations;
