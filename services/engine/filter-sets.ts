// What satisfies a filter, as sets of ids: asked of the catalog once for each of its versions.

import type { Catalog, ItemFilter, Modality } from '#catalog';
import { IdSet } from '#vectors';

/** Filters remembered: at 200,000 pictures up to a megabyte each. */
const remembered = 16;

export class FilterSets {
  private version: number | undefined;
  /** The one used last at the end. */
  private readonly sets = new Map<string, IdSet>();

  constructor(
    private readonly catalog: Catalog,
    private readonly modality: Modality,
  ) {}

  /**
   * The ids of the items (image) or captions (text) that satisfy `filter`, as of now; the same set
   * as before while nothing is written to the catalog. Throws UnknownCollection.
   */
  of(filter: ItemFilter): IdSet {
    const version = this.catalog.version();
    if (version !== this.version) this.sets.clear();
    this.version = version;
    const key = JSON.stringify(Object.entries(filter).sort());
    const set = this.sets.get(key) ?? new IdSet(this.catalog.filtered(filter, this.modality));
    this.sets.delete(key);
    this.sets.set(key, set);
    if (this.sets.size > remembered) this.sets.delete(this.sets.keys().next().value!);
    return set;
  }
}
