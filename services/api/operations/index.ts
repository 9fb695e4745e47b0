// Every route of the API, by name.

import { itemOperations } from './items';
import { jobOperations } from './jobs';
import { searchOperations } from './search';

export const operations = { ...searchOperations, ...itemOperations, ...jobOperations };

export type Operations = typeof operations;
export type OperationName = keyof Operations;
