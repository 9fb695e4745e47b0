// Search: words, a picture, both, or more like an item, in pictures or in texts.

export { warmUp } from './chance';
export { search } from './search';
export { similarTo, type Similar } from './similar';
export type { SearchPorts } from './embed';
export type { Matched } from './fuse';
export { SearchError } from './types';
export type { Hit, ItemTerm, SearchQuery, SearchResult, Unwanted } from './types';
