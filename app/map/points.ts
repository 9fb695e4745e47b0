// The pictures of a map as the browser holds them, and which of them are shown where at a glance.
import type { MapAnswer } from '#api';
import type { Camera, Size } from './camera';
import { DEEPEST, levelsOf } from './levels';

export interface Points {
  count: number;
  ids: Uint32Array;
  /** 0 to 65,535. */
  places: Uint16Array;
  /** The first level at which each is shown as a picture. */
  first: Uint8Array;
  deepest: number;
}

/** A picture on the screen: its middle and the side of the square that it may fill, in pixels. */
export interface Placed {
  id: number;
  left: number;
  top: number;
  side: number;
}

const EDGE = 0xffff;
/** The least side of a cell, in pixels; it doubles before the next level divides it. */
const CELL = 46;
/** A picture grows with its cell up to this side, as long as the cell may be divided further. */
const USUAL = 64;
/** Of a cell's side. What is left is air. */
const FILL = 0.9;
const LARGEST = 220;

export function pointsOf({ ids, places }: NonNullable<MapAnswer['map']>): Points {
  const read = { ids: new Uint32Array(bytesOf(ids)), places: new Uint16Array(bytesOf(places)) };
  const rank = Uint32Array.from(read.ids, (id) => Math.imul(id, 0x9e3779b1) >>> 0);
  return { count: read.ids.length, ...read, ...levelsOf(read.places, rank) };
}

function bytesOf(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer;
}

/** How near one may come: until every picture is shown, and large. */
export function nearest({ deepest }: Points): number {
  return (LARGEST / FILL) * 2 ** Math.min(deepest + 1, DEEPEST);
}

/** The pictures to show: one a cell of the level that fits the zoom, none over another. */
export function visible(points: Points, camera: Camera, size: Size): Placed[] {
  const fitting = Math.floor(Math.log2(camera.scale / CELL));
  const level = Math.max(0, Math.min(points.deepest, fitting));
  const cell = camera.scale / 2 ** level;
  const side = Math.min(FILL * cell, level < points.deepest ? USUAL : LARGEST);
  const shown: Placed[] = [];
  const bounds = edges(camera, size, side);
  for (let i = 0; i < points.count; i++) {
    if (points.first[i]! > level) continue;
    const x = points.places[2 * i]! / EDGE;
    const y = points.places[2 * i + 1]! / EDGE;
    if (x < bounds.west || x > bounds.east || y < bounds.north || y > bounds.south) continue;
    shown.push({
      id: points.ids[i]!,
      left: inCell(x * camera.scale, cell, side) - camera.x * camera.scale + size.width / 2,
      top: inCell(y * camera.scale, cell, side) - camera.y * camera.scale + size.height / 2,
      side,
    });
  }
  return shown;
}

/** The part of the map that is on the screen, and a picture's width around it. */
export function edges({ x, y, scale }: Camera, { width, height }: Size, margin: number) {
  const across = (width / 2 + margin) / scale;
  const down = (height / 2 + margin) / scale;
  return { west: x - across, east: x + across, north: y - down, south: y + down };
}

/** The middle of a picture, moved so that all of it is inside its cell. */
function inCell(place: number, cell: number, side: number): number {
  const start = Math.floor(place / cell) * cell;
  return Math.min(start + cell - side / 2, Math.max(start + side / 2, place));
}
