// Pictures by id and by collection, as the API answers them.
import type { CollectionAnswer, PictureAnswer } from '#api';
import { asPicture } from './library';
import { catalog } from './services';

/** These items in this order; what has gone meanwhile is left out. */
export async function picturesOf(ids: readonly number[]): Promise<PictureAnswer[]> {
  const items = await (await catalog()).items([...ids]);
  return ids.flatMap((id) => {
    const item = items.get(id);
    return item === undefined ? [] : [asPicture(item)];
  });
}

/** Every collection with a few of its pictures. */
export async function collectionsOverview(): Promise<CollectionAnswer[]> {
  const list = await (await catalog()).collections.overview();
  return Promise.all(
    list.map(async ({ covers, createdAt, ...rest }) => ({
      ...rest,
      covers: await picturesOf(covers),
      createdAt: createdAt.toISOString(),
    })),
  );
}
