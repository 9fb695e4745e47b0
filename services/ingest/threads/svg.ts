// The words in a drawing: an SVG's title and description, and the RDF that drawing programs add.

import { DOMParser, type Element } from '@xmldom/xmldom';
import { captionText, distinct, keywordText, languageOf } from './embedded-captions';
import type { EmbeddedCaptions } from './embedded-captions';

/** Larger drawings are not parsed for the sake of their title. */
const MOST_BYTES = 4 * 2 ** 20;

const DUBLIN_CORE = 'http://purl.org/dc/elements/1.1/';
const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const XML = 'http://www.w3.org/XML/1998/namespace';

/** What the drawing as a whole is called. Nothing where it cannot be parsed. */
export function svgCaptions(bytes: Buffer): EmbeddedCaptions[] {
  if (bytes.length > MOST_BYTES) return [];
  try {
    const parser = new DOMParser({ onError: () => {} });
    const root = parser.parseFromString(bytes.toString('utf8'), 'image/svg+xml').documentElement;
    return root === null ? [] : distinct([['svg', textsOf(root)]]);
  } catch {
    return [];
  }
}

function textsOf(root: Element) {
  const own = [...root.childNodes].filter((node): node is Element => node.nodeType === 1);
  const described = own.filter(({ localName }) => localName === 'title' || localName === 'desc');
  // Agents (authors, publishers) have a title too: their name.
  const rdf = ['title', 'description'].flatMap((name) => [
    ...root.getElementsByTagNameNS(DUBLIN_CORE, name),
  ]);
  const titles = rdf.filter(({ parentNode }) => parentNode?.nodeName.endsWith('Agent') === false);
  const keywords = [...root.getElementsByTagNameNS(DUBLIN_CORE, 'subject')].flatMap((subject) =>
    [...subject.getElementsByTagNameNS(RDF, 'li')].map(({ textContent }) => textContent),
  );
  const words = keywordText(keywords);
  return [
    ...[...described, ...titles].flatMap((element) => {
      const text = captionText(element.textContent);
      const lang = element.getAttributeNS(XML, 'lang') ?? element.getAttribute('lang');
      return text === undefined ? [] : [{ text, language: languageOf(lang) }];
    }),
    ...(words === undefined ? [] : [{ text: words }]),
  ];
}
