// From which zoom on each picture of a map is shown: a quadtree whose every cell shows one picture, and keeps
// showing it when it is divided, so that pictures only ever come in while one zooms in.

/** Cells a side are 2 to the level: at this one, a cell is one place. */
export const DEEPEST = 16;

/** A picture that is shown at no level: another lies on its spot. */
export const NEVER = 255;

export interface Levels {
  /** For each picture the first level at which it is the one of its cell. */
  first: Uint8Array;
  /** The last level at which a picture comes in. */
  deepest: number;
}

/**
 * @param places - x and y of each picture in turn, 0 to 65,535
 * @param rank - which of a cell's pictures is shown: the one of the lowest rank
 */
export function levelsOf(places: Uint16Array, rank: Uint32Array): Levels {
  const count = places.length / 2;
  const codes = new Float64Array(count);
  // A Z-order curve: the pictures of any cell are neighbours on it.
  for (let i = 0; i < count; i++) {
    codes[i] = interleave(places[2 * i]!, places[2 * i + 1]!) * 2 ** 20 + i;
  }
  codes.sort();
  const order = Uint32Array.from(codes, (code) => code % 2 ** 20);
  const zOrder = Uint32Array.from(codes, (code) => Math.floor(code / 2 ** 20));
  const first = new Uint8Array(count).fill(NEVER);
  let deepest = 0;

  const visit = (from: number, to: number, level: number): void => {
    let best = order[from]!;
    for (let i = from + 1; i < to; i++) if (rank[order[i]!]! < rank[best]!) best = order[i]!;
    if (first[best]! > level) {
      first[best] = level;
      deepest = Math.max(deepest, level);
    }
    if (to - from === 1 || level === DEEPEST) return;
    const shift = 30 - 2 * level;
    for (let start = from; start < to;) {
      const quarter = (zOrder[start]! >>> shift) & 3;
      let end = start + 1;
      while (end < to && ((zOrder[end]! >>> shift) & 3) === quarter) end++;
      visit(start, end, level + 1);
      start = end;
    }
  };
  if (count > 0) visit(0, count, 0);
  return { first, deepest };
}

/** The bits of x and y in turn, as a whole number of 32 bits. */
function interleave(x: number, y: number): number {
  return (spread(x) | (spread(y) << 1)) >>> 0;
}

function spread(value: number): number {
  let bits = value;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}
