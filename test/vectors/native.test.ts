// Which build of hnswlib is loaded: the one made for this processor, and npm's wherever that fails.

import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '#random';
import { buildTunedAddon } from '../../scripts/native.mjs';
import { loadHnswlib, type Native } from '../../services/vectors/native';
import { tunedAddon } from '../../services/vectors/tuned-addon.mjs';

const repository = path.resolve(import.meta.dirname, '../..');
let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'bifocal-native-'));
  await mkdir(path.join(root, 'node_modules'));
  for (const name of ['hnswlib-node', 'node-addon-api']) {
    await symlink(
      path.join(repository, 'node_modules', name),
      path.join(root, 'node_modules', name),
    );
  }
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** The angle of a point on a circle, found through a graph of 64 of them. */
function search({ HierarchicalNSW, point }: Native, angle: number): number {
  const on = (degrees: number) =>
    Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
  const graph = new HierarchicalNSW('ip', 2);
  graph.initIndex(360);
  for (let i = 0; i < 360; i++) graph.addPoint(point(on(i)), i);
  return graph.searchKnn(point(on(angle)), 1).neighbors[0]!;
}

async function place(addon: string, processor: string): Promise<void> {
  const target = tunedAddon(root, processor)!;
  await mkdir(path.dirname(target), { recursive: true });
  await copyFile(addon, target);
}

describe('the build of hnswlib', () => {
  it.each([repository, '/'])('answers the same, whichever it is (%s)', (folder) => {
    const found = [30.2, 200.7].map((angle) => search(loadHnswlib(folder), angle));
    expect(found).toEqual([30, 201]);
  });

  it.each([repository, '/'])(
    'ranks by floats, also what was replaced after a search (%s)',
    (folder) => {
      const { HierarchicalNSW, point } = loadHnswlib(folder);
      const [random, dimension, count] = [new Random(3), 70, 300];
      const unit = () => {
        const vector = new Float32Array(dimension).map(() => random.normal());
        const norm = Math.hypot(...vector);
        return vector.map((x) => x / norm);
      };
      const graph = new HierarchicalNSW('ip', dimension);
      graph.initIndex(count);
      graph.setEf(count);
      const vectors = Array.from({ length: count }, unit);
      vectors.forEach((vector, id) => graph.addPoint(point(vector), id));
      for (let round = 0; round < 30; round++) {
        const query = unit();
        const truth = vectors
          .map((vector, id) => ({
            id,
            away: 1 - vector.reduce((sum, x, i) => sum + x * query[i]!, 0),
          }))
          .sort((a, b) => a.away - b.away)
          .slice(0, 5);
        const { neighbors, distances } = graph.searchKnn(point(query), 5);
        const found = neighbors.map((id, n) => ({ id, away: distances[n]! }));
        found.sort((a, b) => a.away - b.away);
        expect(found.map(({ id }) => id)).toEqual(truth.map(({ id }) => id));
        found.forEach(({ away }, n) => expect(away).toBeCloseTo(truth[n]!.away, 5));
        const changed = 7 * round;
        vectors[changed] = unit();
        graph.addPoint(point(vectors[changed]), changed);
      }
    },
  );

  it.runIf(existsSync(tunedAddon(repository) ?? ''))('is the one for this processor', async () => {
    expect(loadHnswlib(repository).build).toBe('tuned');
    await place(tunedAddon(repository)!, 'this one');
    expect(loadHnswlib(root, 'this one').build).toBe('tuned');
  });

  it('is npm’s on a processor that no build was made for', async () => {
    await place('/dev/null', 'another');
    expect(loadHnswlib(root, 'this one').build).toBe('stock');
  });

  it('is npm’s where the file cannot be loaded', async () => {
    const broken = path.join(root, 'broken');
    await writeFile(broken, 'no library');
    await place(broken, 'this one');
    const native = loadHnswlib(root, 'this one');
    expect(native.build).toBe('stock');
    expect(search(native, 77)).toBe(77);
  });
});

describe('set-up', () => {
  it('notes why it could not build, and does not try again', () => {
    const said: string[] = [];
    const path = process.env.PATH;
    process.env.PATH = '/nowhere'; // no npm, no compiler
    try {
      buildTunedAddon(root, (line) => said.push(line));
      buildTunedAddon(root, (line) => said.push(line));
    } finally {
      process.env.PATH = path;
    }
    expect(said).toHaveLength(tunedAddon(root) === undefined ? 0 : 2);
    expect(loadHnswlib(root).build).toBe('stock');
  });
});
