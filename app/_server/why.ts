// Why a picture is like one term of a query, as a layer of light over it; the last ones are kept.
import { createHash } from 'node:crypto';
import type { CatalogModel, ItemDetail } from '#catalog';
import { EngineUnavailable } from '#engine';
import { ExplainerProcess, renderHeat } from '#explain';
import { HttpProblem } from './problem';
import { catalog, engine } from './services';

type Bytes = Uint8Array<ArrayBuffer>;

/** One term: words, or an item to be like. */
export interface WhyTerm {
  words?: string | undefined;
  like?: number | undefined;
}

export interface Why {
  /** Says the same as long as model, picture and term are the same. */
  tag: string;
  layer(): Promise<Bytes>;
}

/** About 10 kB each. */
const CAPACITY = 300;

interface Shared {
  process: ExplainerProcess;
  layers: Map<string, Promise<Bytes>>;
}

// As in services.ts: what the copies of this module share lives on the global object.
const global = globalThis as typeof globalThis & { bifocalWhy?: Shared };
const shared = (global.bifocalWhy ??= { process: new ExplainerProcess(), layers: new Map() });

/** Throws a 404 if there is no such picture or file, a 400 without a term. */
export async function why(id: number, term: WhyTerm): Promise<Why> {
  const from = await catalog();
  const item = (await from.items([id])).get(id);
  if (item === undefined) throw new HttpProblem(404, `There is no picture ${id}.`);
  if (item.path === null) throw new HttpProblem(404, `The file of picture ${id} is gone.`);
  if (term.words === undefined && term.like === undefined) {
    throw new HttpProblem(400, 'Say which term: words in "words", or an item id in "like".');
  }
  const { model } = await engine().status();
  const known = model && (await from.models.find(model.fingerprint));
  if (!known) throw new EngineUnavailable('the engine is warming up; try again in a moment');
  const picture = item.path;
  const tag = createHash('sha256')
    .update(JSON.stringify([known.fingerprint, item.sha256, term]))
    .digest('hex')
    .slice(0, 24);
  return { tag, layer: () => kept(tag, () => work(known, item, picture, term)) };
}

function kept(tag: string, make: () => Promise<Bytes>): Promise<Bytes> {
  const { layers } = shared;
  const layer = layers.get(tag) ?? make();
  layers.delete(tag);
  layers.set(tag, layer);
  layer.catch(() => layers.delete(tag));
  const oldest = layers.keys().next().value;
  if (layers.size > CAPACITY && oldest !== undefined) layers.delete(oldest);
  return layer;
}

async function work(
  model: CatalogModel,
  item: ItemDetail,
  picture: string,
  term: WhyTerm,
): Promise<Bytes> {
  const query = await vectorOf(model, term);
  const { map, preprocessing } = await shared.process.ask({ model: model.folder, picture, query });
  return renderHeat(map, item, preprocessing);
}

async function vectorOf(model: CatalogModel, { words, like }: WhyTerm): Promise<Float32Array> {
  if (words !== undefined) return (await engine().encodeTexts([words], model.fingerprint))[0]!;
  const { vectors } = (await catalog()).embeddings.found(model, 'image', [like!]);
  if (vectors.length === 0) throw new HttpProblem(404, `There is no picture ${like}.`);
  return vectors;
}
