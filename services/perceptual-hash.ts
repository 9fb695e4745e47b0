// Perceptual hashes: what a picture looks like, in bits that resizing, saving again and slight changes of
// colour leave (nearly) as they are.

/** A smaller fall of light, of 255, is noise. */
const FALL = 4;

/** Rows, and bits in each, of `perceptualHash`. */
const SIDE = 8;

/**
 * Difference hash (N. Krawetz, "Kind of Like That", 2013), deaf to flat areas: whether the light falls
 * from a cell to the next one on its right.
 *
 * @param pixels - [side, side + 1, 3] bytes.
 * @returns `side` rows of as many bits, at most 16.
 */
export function gradientHash(pixels: ArrayLike<number>, side: number): Uint16Array {
  const light = (x: number, y: number) => {
    const at = 3 * (y * (side + 1) + x);
    return 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
  };
  return Uint16Array.from({ length: side }, (_, y) => {
    let bits = 0;
    for (let x = 0; x < side; x++) if (light(x, y) - light(x + 1, y) > FALL) bits |= 1 << x;
    return bits;
  });
}

/**
 * The hash of a picture that is decoded already, as 16 hexadecimal digits.
 *
 * @param pixels - [height, width, 3] bytes.
 */
export function perceptualHash(pixels: Uint8Array, width: number, height: number): string {
  const rows = gradientHash(cellMeans(pixels, width, height, SIDE + 1, SIDE), SIDE);
  return Array.from(rows, (row) => row.toString(16).padStart(2, '0')).join('');
}

/** Mean colours of the cells of a grid, [rows, columns, 3]; cells of a tiny picture repeat pixels. */
function cellMeans(
  pixels: Uint8Array,
  width: number,
  height: number,
  columns: number,
  rows: number,
): Float32Array {
  const means = new Float32Array(rows * columns * 3);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = span(row, rows, height);
    for (let column = 0; column < columns; column++) {
      const [left, right] = span(column, columns, width);
      const count = (bottom - top) * (right - left);
      let [red, green, blue] = [0, 0, 0];
      for (let y = top; y < bottom; y++) {
        for (let at = 3 * (y * width + left); at < 3 * (y * width + right); at += 3) {
          red += pixels[at]!;
          green += pixels[at + 1]!;
          blue += pixels[at + 2]!;
        }
      }
      means.set([red / count, green / count, blue / count], 3 * (row * columns + column));
    }
  }
  return means;
}

/** Where a cell begins and ends, at least one pixel. */
function span(cell: number, cells: number, pixels: number): [number, number] {
  const start = Math.floor((cell * pixels) / cells);
  return [start, Math.max(start + 1, Math.floor(((cell + 1) * pixels) / cells))];
}
