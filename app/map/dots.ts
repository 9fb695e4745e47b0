// Every picture of a map as a dot, drawn into pixels by hand: a hundred thousand in a few milliseconds.
import type { Camera, Size } from './camera';
import { edges, type Points } from './points';

const EDGE = 0xffff;
/** How opaque a dot is; where several meet, they add up. */
const OPACITY = 90;

/** So few may have larger dots. */
const FEW = 10_000;

/** In pixels of the page, whatever the screen's are. */
export function drawDots(
  canvas: HTMLCanvasElement,
  points: Points,
  camera: Camera,
  size: Size,
): void {
  const { width, height } = size;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const ink = inkOf(canvas);
  const bounds = edges(camera, size, 4);
  const scale = camera.scale / EDGE;
  const offsetX = width / 2 - camera.x * camera.scale;
  const offsetY = height / 2 - camera.y * camera.scale;
  const dot = points.count < FEW ? 3 : 2;
  for (let i = 0; i < points.count; i++) {
    const placeX = points.places[2 * i]!;
    const placeY = points.places[2 * i + 1]!;
    if (placeX / EDGE < bounds.west || placeX / EDGE > bounds.east) continue;
    if (placeY / EDGE < bounds.north || placeY / EDGE > bounds.south) continue;
    const left = Math.round(placeX * scale + offsetX - dot / 2);
    const top = Math.round(placeY * scale + offsetY - dot / 2);
    for (let y = Math.max(0, top); y < Math.min(height, top + dot); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + dot); x++) {
        const at = y * width + x;
        const opacity = Math.min(255, (pixels[at]! >>> 24) + OPACITY);
        pixels[at] = ink | (opacity << 24);
      }
    }
  }
  context.putImageData(image, 0, 0);
}

/** The colour of text on the canvas: `rgb(…)`, as browsers compute every colour. In a pixel red is the lowest byte. */
function inkOf(canvas: HTMLCanvasElement): number {
  const [red = 0, green = 0, blue = 0] = getComputedStyle(canvas).color.match(/\d+/g)!.map(Number);
  return red | (green << 8) | (blue << 16);
}
