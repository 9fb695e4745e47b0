// The captions among a picture's tags: descriptions, titles and keywords that people wrote, and none of
// what cameras and programs write in their place.

import type { ExpandedTags } from 'exifreader';
import type { SourcedCaptions } from '#catalog';

/** `source` is `embedded:` and the standard: xmp, iptc, exif, png, svg. */
export type EmbeddedCaptions = SourcedCaptions;

type Text = SourcedCaptions['texts'][number];

/** What a longer text is, is no caption: settings, a programme's parameters, a licence. */
const LONGEST = 2000;

/** What cameras, phones and programs write where a caption could be. */
const BOILERPLATE = [
  /^(olympus|minolta|kodak|samsung|casio|pentax|fuji(film)?|konica|nikon|canon|sony)?\s*(digital\s*(still\s*)?)?camera$/i,
  /^sony dsc$/i,
  /^(dcim|exif_jpeg|default|untitled|image|picture|photo|screenshot|comment|binary comment|ascii|unicode)$/i,
  /^(created|generated|edited|processed|exported|optimized) (with|by|using|in) /i,
  /^(adobe|gimp|inkscape|file source|lead technologies|jpeg encoder|intel\(r\)|charset=)/i,
  // A file's name or number.
  /^[a-z]{0,5}[_-]?\d[\d_-]*(\.\w{3,4})?$/i,
];

/** A text on one line; undefined where it is empty or not a person's. */
export function captionText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const tidy = text.replaceAll(/[\s\0]+/g, ' ').trim();
  const worth = /\p{L}/u.test(tidy) && tidy.length <= LONGEST;
  return worth && !BOILERPLATE.some((one) => one.test(tidy)) ? tidy : undefined;
}

/** One caption of keywords; undefined where there are none. */
export function keywordText(keywords: readonly unknown[]): string | undefined {
  const words = keywords.map(captionText).filter((word) => word !== undefined);
  return captionText([...new Set(words)].join(', '));
}

/** The sources that say something; a text that several say goes to the first, which knows most. */
export function distinct(sources: readonly [name: string, texts: Text[]][]): EmbeddedCaptions[] {
  const said = new Set<string>();
  return sources
    .map(([name, texts]) => ({
      source: `embedded:${name}`,
      texts: texts.filter(({ text }) => !said.has(text) && said.add(text)),
    }))
    .filter(({ texts }) => texts.length > 0);
}

/** What a picture's tags say in words. */
export function captionsIn(tags: ExpandedTags): EmbeddedCaptions[] {
  const { exif, iptc, png } = tags as Record<string, Tags | undefined>;
  const camera = [tagText(exif?.Make), tagText(exif?.Model)];
  const described = [exif?.ImageDescription, exif?.UserComment, exif?.XPTitle, exif?.XPSubject];
  return distinct([
    ['xmp', xmpTexts(tags.xmp)],
    [
      'iptc',
      plain([
        ...[iptc?.['Caption/Abstract'], iptc?.Headline, iptc?.['Object Name']].map(tagText),
        keywordText([iptc?.Keywords].flat().map(tagText)),
      ]),
    ],
    [
      'exif',
      plain([
        ...[...described, exif?.XPComment].map(tagText).filter((text) => !camera.includes(text)),
        keywordText(tagText(exif?.XPKeywords)?.split(';') ?? []),
      ]),
    ],
    ['png', plain([png?.Title, png?.Description].map(tagText))],
  ]);
}

/** Tags by name; one that comes several times is a list. */
type Tags = Record<string, Tag | Tag[] | undefined>;

interface Tag {
  description?: unknown;
}

function plain(texts: readonly unknown[]): Text[] {
  return texts.map(captionText).flatMap((text) => (text === undefined ? [] : [{ text }]));
}

function tagText(tag: Tag | Tag[] | undefined): string | undefined {
  const one = Array.isArray(tag) ? tag[0] : tag;
  return typeof one?.description === 'string' ? one.description : undefined;
}

/** A value of XMP: a text, or a list of values, each with its language where that is known. */
interface XmpValue {
  value?: string | XmpValue[];
  attributes?: { lang?: string };
}

function xmpTexts(tags: ExpandedTags['xmp']): Text[] {
  const xmp = (tags ?? {}) as Record<string, unknown> & { subject?: XmpValue };
  const keywords = valuesOf(xmp.subject).map(({ value }) => value);
  return [
    ...[xmp['description'], xmp['title'], xmp['Headline']].flatMap((tag) =>
      valuesOf(tag as XmpValue | undefined).flatMap(({ value, attributes }) => {
        const text = captionText(value);
        return text === undefined ? [] : [{ text, language: languageOf(attributes?.lang) }];
      }),
    ),
    ...plain([keywordText(keywords)]),
  ];
}

/** A tag's alternatives, or itself. */
function valuesOf(tag: XmpValue | undefined): XmpValue[] {
  if (tag === undefined) return [];
  return Array.isArray(tag.value) ? tag.value : [tag];
}

/** `x-default` says only that it is the one to show. */
export function languageOf(lang: string | null | undefined): string | undefined {
  return lang && /^[a-z]{2,3}(-|$)/i.test(lang) ? lang : undefined;
}
