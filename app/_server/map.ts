// The map of the model that serves, as the page and the API show it.
import type { MapAnswer } from '#api';
import type { CatalogModel } from '#catalog';
import { config } from '#config';
import { hasEnded } from '#jobs';
import { compareMap, packMap, readMap } from '#map';
import { asPicture } from './library';
import { catalog, engine, jobs } from './services';

export async function pictureMap(): Promise<MapAnswer> {
  const [model, running] = await Promise.all([servingModel(), mapJob()]);
  if (model === null) {
    return { model: null, pictures: 0, added: 0, gone: 0, job: running, map: null };
  }
  const store = await catalog();
  const map = await readMap(config().home, model.fingerprint);
  const state = compareMap(store, model, map);
  // A map of another catalog has pictures of its own.
  const ours = map?.catalog === store.id ? map : undefined;
  return { model: model.name, ...state, job: running, map: ours ? fieldsOf(packMap(ours)) : null };
}

function fieldsOf({ updatedAt, base, ids, places }: ReturnType<typeof packMap>) {
  return { updatedAt, base, ids, places };
}

/** Pictures by id, in the order asked for; those that are gone are left out. */
export async function picturesOf(ids: number[]) {
  const items = await (await catalog()).items(ids);
  return { pictures: ids.flatMap((id) => items.get(id) ?? []).map(asPicture) };
}

/** As the catalog knows it; before any was chosen, the one that the engine has opened. */
async function servingModel(): Promise<CatalogModel | null> {
  const { models } = await catalog();
  const chosen = await models.serving();
  if (chosen !== null) return chosen;
  const { model } = await engine().status();
  return model === undefined ? null : models.find(model.fingerprint);
}

async function mapJob() {
  const list = await jobs().list();
  return list.find((job) => job.kind === 'map' && !hasEnded(job)) ?? null;
}
