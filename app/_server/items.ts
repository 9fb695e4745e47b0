// One picture with all that is known of it, as the API answers it and the page shows it.
import type { ItemAnswer } from '#api';
import { similarTo } from '#search';
import { addresses, SHOWN_TYPES } from './library';
import { HttpProblem } from './problem';
import { dress } from './searching';
import { catalog, engine } from './services';

/** Throws a 404 if there is no such item. While the engine warms up, nothing stands around it. */
export async function itemAnswer(id: number): Promise<ItemAnswer> {
  const from = await catalog();
  const [item, facts] = [(await from.items([id])).get(id), from.itemFacts(id)];
  if (item === undefined || facts === null)
    throw new HttpProblem(404, `There is no picture ${id}.`);
  const { same, near } = await around(id);
  const { width, height, format, bytes, takenAt } = item;
  const { camera, latitude, longitude, files, collections } = facts;
  const own = addresses(item);
  return {
    itemId: id,
    width,
    height,
    format,
    bytes: Number(bytes),
    takenAt: takenAt?.toISOString() ?? null,
    addedAt: facts.createdAt.toISOString(),
    camera,
    latitude,
    longitude,
    files,
    captions: facts.captions.map(({ text, source, language }) => ({ text, source, language })),
    collections,
    ...own,
    preview: `${own.thumbnail}&size=large`,
    shown: format in SHOWN_TYPES,
    same: dress(same),
    near: dress(near),
  };
}

/** A picture that this model has not embedded yet has no neighbours either. */
async function around(item: number) {
  try {
    return await similarTo(item, { engine: engine(), catalog: await catalog() });
  } catch (error) {
    if (['EngineUnavailable', 'SearchError'].includes((error as Error).name)) {
      return { same: [], near: [] };
    }
    throw error;
  }
}
