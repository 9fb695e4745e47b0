// How a map is shown: which pictures at which zoom, where on the screen, and how the camera moves.
import { describe, expect, it } from 'vitest';
import { Random } from '#random';
import { fit, fromHash, pan, toHash, zoom } from '../../app/map/camera';
import { levelsOf, NEVER } from '../../app/map/levels';
import { pointsOf, visible } from '../../app/map/points';

const COUNT = 3000;

/** Two thirds of the places in a dense spot. */
function randomPlaces(count = COUNT): Uint16Array {
  const random = new Random(3);
  return Uint16Array.from({ length: 2 * count }, (_, i) =>
    i % 3 === 0 ? random.below(65_536) : 30_000 + random.below(900),
  );
}

const base64 = ({ buffer }: Uint32Array | Uint16Array) =>
  Buffer.from(buffer as ArrayBuffer).toString('base64');

function randomPoints(count = COUNT) {
  const ids = Uint32Array.from({ length: count }, (_, i) => i + 1);
  const map = { updatedAt: '', base: count, ids: base64(ids), places: base64(randomPlaces(count)) };
  return pointsOf(map);
}

describe('levels', () => {
  it('show one picture in each cell that has any: the one of the lowest rank', () => {
    const places = randomPlaces();
    const rank = new Random(5).permutation(COUNT);
    const { first, deepest } = levelsOf(places, rank);
    for (const level of [0, 1, 4, 8]) {
      const best = new Map<string, number>();
      for (let i = 0; i < COUNT; i++) {
        const cell = `${places[2 * i]! >> (16 - level)} ${places[2 * i + 1]! >> (16 - level)}`;
        const before = best.get(cell);
        if (before === undefined || rank[i]! < rank[before]!) best.set(cell, i);
      }
      const shown = [...first.keys()].filter((i) => first[i]! <= level);
      expect(shown).toEqual([...best.values()].sort((a, b) => a - b));
    }
    expect(Math.max(...first.filter((level) => level !== NEVER))).toBe(deepest);
  });

  it('show one of several pictures on one spot', () => {
    const { first } = levelsOf(Uint16Array.of(7, 7, 7, 7, 60_000, 9), Uint32Array.of(2, 1, 3));
    expect([...first]).toEqual([NEVER, 0, 1]);
    expect(levelsOf(new Uint16Array(0), new Uint32Array(0)).deepest).toBe(0);
  });
});

describe('pictures in view', () => {
  const size = { width: 900, height: 600 };

  it('lie on the screen, none over another, and stay while one zooms in', () => {
    const points = randomPoints();
    let camera = fit(size);
    let before: Set<number> | undefined;
    for (let step = 0; step < 12; step++) {
      const placed = visible(points, camera, size);
      expect(placed.length).toBeGreaterThan(0);
      for (const [n, one] of placed.entries()) {
        for (const other of placed.slice(n + 1)) {
          const apart = Math.max(Math.abs(one.left - other.left), Math.abs(one.top - other.top));
          expect(apart).toBeGreaterThanOrEqual(one.side - 1e-6);
        }
      }
      const ids = new Set(placed.map(({ id }) => id));
      const kept = [...(before ?? [])].filter((id) => onScreen(points, camera, id));
      expect(kept.filter((id) => !ids.has(id))).toEqual([]);
      before = ids;
      camera = zoom(camera, 1.5, { left: -20, top: 10 }, { least: 1, most: 1e6 });
    }
  });

  function onScreen(
    points: ReturnType<typeof randomPoints>,
    { x, y, scale }: ReturnType<typeof fit>,
    id: number,
  ) {
    const left = (points.places[2 * (id - 1)]! / 65_535 - x) * scale;
    const top = (points.places[2 * (id - 1) + 1]! / 65_535 - y) * scale;
    return Math.abs(left) < size.width / 2 && Math.abs(top) < size.height / 2;
  }

  it('are all of them, and large, when one is as near as one can come', () => {
    const points = pointsOf({
      updatedAt: '',
      base: 3,
      ids: base64(Uint32Array.of(1, 2, 3)),
      places: base64(Uint16Array.of(100, 100, 101, 100, 60_000, 60_000)),
    });
    const camera = { x: 100 / 65_535, y: 100 / 65_535, scale: 2 ** 24 };
    const placed = visible(points, camera, size);
    expect(placed.map(({ id }) => id)).toEqual([1, 2]);
    expect(placed[0]!.side).toBe(220);
  });
});

describe('the camera', () => {
  const limits = { least: 100, most: 10_000 };

  it('keeps what is under the pointer where it is, up to its limits', () => {
    const camera = { x: 0.4, y: 0.6, scale: 800 };
    const at = { left: 120, top: -80 };
    const under = (seen: typeof camera) => [
      seen.x + at.left / seen.scale,
      seen.y + at.top / seen.scale,
    ];
    const nearer = zoom(camera, 3, at, limits);
    expect(nearer.scale).toBe(2400);
    under(nearer).forEach((value, axis) => expect(value).toBeCloseTo(under(camera)[axis]!, 12));
    expect(zoom(camera, 1e9, at, limits).scale).toBe(10_000);
    expect(zoom(camera, 1e-9, at, limits).scale).toBe(100);
  });

  it('follows the hand and stays on the map', () => {
    expect(pan({ x: 0.5, y: 0.5, scale: 1000 }, 100, -200)).toEqual({
      x: 0.4,
      y: 0.7,
      scale: 1000,
    });
    expect(pan({ x: 0.5, y: 0.5, scale: 1000 }, 9999, 0).x).toBe(0);
  });

  it('comes back from an address, and from nothing else', () => {
    const camera = { x: 0.25, y: 0.75, scale: 1234 };
    expect(fromHash(toHash(camera))).toEqual(camera);
    for (const hash of ['', '#', '#1,2', '#a,b,c', '#0.5,0.5,0', '#0.5,0.5,-3']) {
      expect(fromHash(hash)).toBeNull();
    }
  });
});
