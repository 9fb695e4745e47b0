// Which model serves: the one that `model use` chose last, else the one that the settings name.

import type { Catalog, CatalogModel } from '#catalog';
import { config } from '#config';
import { loadDualEncoder, type DualEncoder, type EncoderOptions } from '#model';

/** Loads the model that serves. Device and threads are as config() says unless given. */
export async function loadModelInUse(
  catalog: Catalog,
  options: EncoderOptions = {},
): Promise<DualEncoder> {
  const { model, device, threads } = config();
  const inUse = await catalog.models.serving();
  return inUse
    ? loadCatalogModel(inUse, options)
    : loadDualEncoder(model, { device, threads, ...options });
}

/**
 * Loads a model by what a person calls it: a name, folder, hub id or run, or the name that it has in the
 * catalog, wherever its folder lies.
 */
export async function loadNamedModel(
  catalog: Catalog,
  name: string,
  options: EncoderOptions = {},
): Promise<DualEncoder> {
  const { device, threads } = config();
  return loadDualEncoder(name, { device, threads, ...options }).catch(async (unknown: Error) => {
    const known = (await catalog.models.list()).filter((model) => model.name === name);
    if (known.length !== 1) throw unknown;
    return loadCatalogModel(known[0]!, options);
  });
}

/**
 * Loads a model that the catalog knows, from the folder it lay in last, or by its name if it has moved.
 * @throws if it is gone, or has other weights by now: their vectors would not be comparable
 */
export async function loadCatalogModel(
  { name, folder, fingerprint }: CatalogModel,
  options: EncoderOptions = {},
): Promise<DualEncoder> {
  const { device, threads } = config();
  const load = (from: string) => loadDualEncoder(from, { device, threads, ...options });
  const encoder = await load(folder).catch((gone: Error) =>
    load(name).catch(() => {
      throw gone;
    }),
  );
  if (encoder.fingerprint === fingerprint) return encoder;
  await encoder.dispose();
  throw new Error(
    `${encoder.folder} has changed since ${name} was taken into use; take it anew: bifocal model use ${encoder.folder}`,
  );
}
