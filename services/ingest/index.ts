// Ingest: from folders of pictures to items, captions and embeddings in the catalog.

export { duplicates, type Duplicates, type DuplicatesOptions, type LookAlike } from './duplicates';
export {
  embedItems,
  type EmbedItemsOptions,
  type EmbedItemsReport,
  type EmbedProgress,
} from './embed-items';
export { ingest, type IngestOptions } from './ingest';
export type { Failure } from './reasons';
export type { IngestProgress, IngestReport } from './tally';
export { prune, type Pruned } from './vanished';
export { FolderWatch, type WatchOptions } from './watch';
