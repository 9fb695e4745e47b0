// Every picture of a map as a dot, drawn into pixels by hand: a hundred thousand in a few milliseconds.
import type { Camera, Size } from './camera';
import { edges, type Points } from './points';

const EDGE = 0xffff;
/** How opaque a dot is; where several meet, they add up. */
const OPACITY = 90;

/** So few may have larger dots. */
const FEW = 10_000;

/** @param density - pixels of the canvas a pixel of the page */
export function drawDots(
  canvas: HTMLCanvasElement,
  points: Points,
  camera: Camera,
  size: Size,
  density: number,
): void {
  const width = Math.round(size.width * density);
  const height = Math.round(size.height * density);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  const [red, green, blue] = inkOf(canvas);
  const { data } = image;
  const bounds = edges(camera, size, 4);
  const scale = (camera.scale * density) / EDGE;
  const offsetX = width / 2 - camera.x * camera.scale * density;
  const offsetY = height / 2 - camera.y * camera.scale * density;
  const dot = Math.round((points.count < FEW ? 3 : 2) * density);
  for (let i = 0; i < points.count; i++) {
    const placeX = points.places[2 * i]!;
    const placeY = points.places[2 * i + 1]!;
    if (placeX / EDGE < bounds.west || placeX / EDGE > bounds.east) continue;
    if (placeY / EDGE < bounds.north || placeY / EDGE > bounds.south) continue;
    const left = Math.round(placeX * scale + offsetX - dot / 2);
    const top = Math.round(placeY * scale + offsetY - dot / 2);
    for (let y = Math.max(0, top); y < Math.min(height, top + dot); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + dot); x++) {
        const at = 4 * (y * width + x);
        data[at] = red;
        data[at + 1] = green;
        data[at + 2] = blue;
        data[at + 3] = data[at + 3]! + OPACITY;
      }
    }
  }
  context.putImageData(image, 0, 0);
}

/** The colour of text on the canvas: `rgb(…)`, as browsers compute every colour. */
function inkOf(canvas: HTMLCanvasElement): [number, number, number] {
  const [red = 0, green = 0, blue = 0] = getComputedStyle(canvas).color.match(/\d+/g)!.map(Number);
  return [red, green, blue];
}
