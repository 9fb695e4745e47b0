// A second engine, for searching with a model that does not serve: one at a time, ended when nobody asks it.
import { config } from '#config';
import { startEngine, type Engine } from '#engine';
import { search } from '#search';
import { asPicture } from './library';
import { HttpProblem } from './problem';
import { catalog, engine } from './services';

/** A model and its index may take gigabytes: they are let go after this time without a question. */
const IDLE_MS = 5 * 60_000;

interface SideEngine {
  fingerprint: string;
  engine: Engine;
  idle: NodeJS.Timeout;
}

// As in services.ts: routes are compiled to modules of their own.
const shared = globalThis as typeof globalThis & { bifocalSide?: SideEngine | undefined };

/**
 * Pictures for words by the model of this fingerprint.
 * @throws EngineUnavailable while its engine starts; a 404 where it has embedded nothing
 */
export async function searchWith(
  fingerprint: string,
  { q, collection, limit }: { q: string; collection?: string | undefined; limit: number },
) {
  const store = await catalog();
  const model = await store.models.find(fingerprint);
  if (model === null || store.models.embedded(model).images === 0) {
    throw new HttpProblem(404, 'This model has embedded no pictures yet.');
  }
  const { model: serving } = await engine().status();
  const chosen =
    serving?.fingerprint === fingerprint ? engine() : await sideEngine(fingerprint, model.folder);
  const result = await search(
    { words: q, in: 'image', limit, ...(collection !== undefined && { filter: { collection } }) },
    { engine: chosen, catalog: store },
  );
  const items = await store.items(result.hits.map(({ itemId }) => itemId));
  const hits = result.hits.flatMap(({ itemId, score }) => {
    const item = items.get(itemId);
    return item === undefined ? [] : [{ ...asPicture(item), score }];
  });
  return { model: result.model, took: result.took, hits };
}

async function sideEngine(fingerprint: string, folder: string): Promise<Engine> {
  if (shared.bifocalSide?.fingerprint !== fingerprint) {
    await closeSide();
    shared.bifocalSide = {
      fingerprint,
      engine: startEngine({ home: config().home, model: folder }),
      idle: setTimeout(() => undefined, 0),
    };
  }
  const side = shared.bifocalSide!;
  clearTimeout(side.idle);
  side.idle = setTimeout(() => void closeSide(), IDLE_MS);
  side.idle.unref();
  return side.engine;
}

async function closeSide(): Promise<void> {
  const side = shared.bifocalSide;
  shared.bifocalSide = undefined;
  if (side === undefined) return;
  clearTimeout(side.idle);
  await side.engine.close();
}
