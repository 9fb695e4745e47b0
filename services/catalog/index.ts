// The catalog: what pictures there are, where, what they are called, and their embeddings. The truth.

export { restore } from './backup';
export { InvalidCursor, type Browsed, type BrowseQuery } from './browse';
export {
  openCatalog,
  type Catalog,
  type Counts,
  type FullText,
  type PageQuery,
  type TextQuery,
} from './catalog';
export { UnknownCollection, type CollectionOverview } from './collections';
export type { Copies, PerceptualHash } from './duplicates';
export { openEmbeddings, type Embeddings, type Modality } from './embeddings';
export { filterTime, type ItemFilter } from './filter';
export type { Facet, Facets } from './facets';
export { finding, type Finding } from './faults';
export type { FileState, KnownFile, KnownItem } from './files';
export type { CaptionDetail, Dated, ItemDetail, ItemFacts } from './items';
export type { CatalogModel } from './models';
export { exclusively, tryLock } from './sqlite';
export type { Pruned } from './prune';
export type { Batch, Content, SourcedCaptions, StoredPicture } from './store';
export type { Waiting, WaitingItem } from './waiting';
export type { TextMatch } from './words';
export { openWordFinder, type WordFinder } from './word-finder';
