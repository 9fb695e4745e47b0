// Where one looks at a map from: pure arithmetic between the map's square and the screen.

/** The point of the map (0 to 1 each way) in the middle of the screen, and pixels a side of the map. */
export interface Camera {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

/** The whole map, with air around it. */
export function fit({ width, height }: Size): Camera {
  return { x: 0.5, y: 0.5, scale: 0.92 * Math.min(width, height) };
}

/** Moved by pixels, as a hand on the map would. */
export function pan(camera: Camera, dx: number, dy: number): Camera {
  return held({ ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale });
}

/**
 * Nearer by `factor`, with what is `left` and `top` pixels from the middle staying where it is.
 * @param most - the largest scale
 */
export function zoom(
  camera: Camera,
  factor: number,
  { left, top }: { left: number; top: number },
  { least, most }: { least: number; most: number },
): Camera {
  const scale = Math.min(most, Math.max(least, camera.scale * factor));
  const gain = 1 / camera.scale - 1 / scale;
  return held({ x: camera.x + left * gain, y: camera.y + top * gain, scale });
}

/** The middle of the screen stays on the map. */
function held({ x, y, scale }: Camera): Camera {
  const within = (value: number) => Math.min(1, Math.max(0, value));
  return { x: within(x), y: within(y), scale };
}

/** As an address keeps it. */
export function toHash({ x, y, scale }: Camera): string {
  return `#${x.toFixed(5)},${y.toFixed(5)},${Math.round(scale)}`;
}

export function fromHash(hash: string): Camera | null {
  const numbers = hash.slice(1).split(',').map(Number);
  if (numbers.length !== 3 || !numbers.every((value) => Number.isFinite(value))) return null;
  const [x, y, scale] = numbers as [number, number, number];
  return scale > 0 ? held({ x, y, scale }) : null;
}
