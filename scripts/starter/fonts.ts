// Drawings out of a font: the glyph of each emoji that it has one for.

import { openSync, type Font, type Glyph } from 'fontkit';
import type { Drawing } from './drawings';

/** A glyph's number where the font has none. */
const MISSING = 0;

/** @param concepts code points as `Concept.id` joins them. */
export function readFont(file: string, concepts: Iterable<string>): Drawing[] {
  const font = openSync(file) as Font;
  return [...concepts].flatMap((concept) => {
    const points = concept.split('-').map((hex) => Number.parseInt(hex, 16));
    const { glyphs } = font.layout(String.fromCodePoint(...points));
    const [glyph] = glyphs;
    // A sequence that the font knows no sign for stands as the signs of its parts.
    if (glyphs.length !== 1 || !glyph || glyph.id === MISSING) return [];
    return [{ concept, data: () => Promise.resolve(toSvg(glyph)) }];
  });
}

/** Black on nothing, cut to its edges: fonts count y upwards. */
function toSvg({ bbox, path }: Glyph): Buffer {
  const [width, height] = [bbox.maxX - bbox.minX, bbox.maxY - bbox.minY];
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${bbox.minX} ${-bbox.maxY} ${width} ${height}">` +
      `<path transform="scale(1,-1)" d="${path.toSVG()}"/></svg>`,
  );
}
