// Leakage: what both sides of a split have in common. Where it is trained on, recall measures memory.

import { equalFiles } from '../data/contents';
import { lookAlikes, type Looks } from './near';
import { listed, type Listed } from './report-set';

export interface Leakage {
  /** Held-out pictures that are in the training set under the same path. */
  paths: Listed<string>;
  /** … with the same bytes under another path: [held out, training]. */
  contents: Listed<[string, string]>;
  /** … or that look alike; `null` where the pictures were not decoded. */
  lookAlikes: Listed<[string, string]> | null;
  /** Different captions of held-out pictures that are said of training pictures too. */
  captions: number;
}

/** A side of a split: pictures with captions, and how the pictures look. */
export interface Side {
  images: readonly string[];
  captions: readonly string[];
}

/** Compares the two sides of a split. `lookOf` gives a picture's place among `looks`. */
export async function findLeakage(
  train: Side,
  heldOut: Side,
  sizes: ReadonlyMap<string, number>,
  looks: { looks: Looks; images: readonly string[] } | undefined,
): Promise<Leakage> {
  const trained = new Set(train.images);
  const held = new Set(heldOut.images);
  const across = (pair: readonly string[]): [string, string] | undefined => {
    const [a, b] = pair as [string, string];
    const leaks = (one: string, other: string) =>
      held.has(one) && !trained.has(one) && trained.has(other);
    if (leaks(a, b)) return [a, b];
    return leaks(b, a) ? [b, a] : undefined;
  };
  const equal = await equalFiles([...new Set([...train.images, ...heldOut.images])], sizes);
  const contents = equal.flatMap((group) => {
    const known = group.find((image) => trained.has(image));
    return group
      .filter((image) => held.has(image) && !trained.has(image) && known !== undefined)
      .map((image): [string, string] => [image, known!]);
  });
  const same = new Set(contents.map((pair) => pair.join('\n')));
  const alike =
    looks &&
    lookAlikes(looks.looks).flatMap(([a, b]) => {
      const pair = across([looks.images[a]!, looks.images[b]!]);
      return pair && !same.has(pair.join('\n')) ? [pair] : [];
    });
  const said = new Set(train.captions);
  return {
    paths: listed([...held].filter((image) => trained.has(image))),
    contents: listed(contents),
    lookAlikes: alike === undefined ? null : listed(alike),
    captions: new Set(heldOut.captions.filter((caption) => said.has(caption))).size,
  };
}
