// Ingest: from folders of pictures to items, captions and embeddings in the catalog.

export { ingest, type IngestOptions } from './ingest';
export type { Failure } from './reasons';
export type { IngestProgress, IngestReport } from './tally';
