// The tables of the starter model's card.

import type { Direction, Figures, Recalls } from './figures';
import { iconSets, vendors } from './sources';

const LANGUAGE_NAMES: Record<string, string> = {
  en: 'English',
  zh: 'Chinese',
  es: 'Spanish',
  de: 'German',
  fr: 'French',
  ja: 'Japanese',
};

/** The sets that a fine-tune is tried with. */
const FOREIGN = [
  { split: 'heldout-outlines', name: 'OpenMoji' },
  { split: 'heldout-stamps', name: 'stamps' },
] as const;

const share = (value: number) => value.toFixed(3);

/** What was wanted of the model, beside what came out. */
export function targetTable(figures: Figures): string[] {
  const { concepts, clipart, times, languages, gallery, fineTunes } = figures;
  const vendor = languages.en!;
  const english = languages.en!.textToImage.r10;
  const lowest = Math.min(...Object.values(languages).map(({ textToImage }) => textToImage.r10));
  const queries = Object.values(gallery).reduce((sum, of) => sum + of.queries, 0);
  const of = (key: 'first' | 'firstFive') =>
    Object.values(gallery).reduce((sum, one) => sum + one[key], 0) / queries;
  const rows: [name: string, reached: number, wanted: number, text?: string][] = [
    ['unseen vendor, words → pictures, recall@1', vendor.textToImage.r1, 0.7],
    ['unseen vendor, words → pictures, recall@10', vendor.textToImage.r10, 0.92],
    ['unseen vendor, pictures → words, recall@1', vendor.imageToText.r1, 0.7],
    ['unseen vendor, pictures → words, recall@10', vendor.imageToText.r10, 0.92],
    ['unseen concepts, recall@10', concepts.textToImage.r10, 0.35],
    ['unseen Openclipart, recall@10 of 1,000', clipart.textToImage.r10, 0.3],
    ['gallery, an accepted picture first', of('first'), 0.6],
    ['gallery, an accepted picture among the first five', of('firstFive'), 0.8],
  ];
  const line = (name: string, reached: string, wanted: string, met: boolean) =>
    `| ${name} | ${reached} | ${wanted} | ${met ? 'yes' : '**no**'} |`;
  return [
    ...rows.map(([name, reached, wanted]) =>
      line(name, share(reached), `≥ ${wanted.toFixed(2)}`, reached >= wanted),
    ),
    line(
      'the language furthest below English, recall@10',
      share(lowest - english),
      '≥ −0.10',
      lowest >= english - 0.1,
    ),
    ...FOREIGN.map(({ split, name }) => {
      const { before, after } = fineTunes[split];
      const lift = after.textToImage.r10 - before.textToImage.r10;
      const text = `recall@10 gained by a short fine-tune, ${name}`;
      return line(text, share(lift), '> 0.02', lift > 0.02);
    }),
    line('one text, one core', `${times.text.toFixed(1)} ms`, '≤ 5 ms', times.text <= 5),
    line('one picture, one core', `${times.picture.toFixed(1)} ms`, '≤ 15 ms', times.picture <= 15),
  ];
}

function retrievalRow(name: string, { pictures, textToImage, imageToText }: Recalls): string {
  const figures = ({ r1, r5, r10 }: Direction) => [r1, r5, r10].map(share);
  const cells = [
    name,
    pictures.toLocaleString('en'),
    ...figures(textToImage),
    String(textToImage.medianRank),
    share(textToImage.chance10),
    ...[imageToText.r1, imageToText.r10].map(share),
  ];
  return `| ${cells.join(' | ')} |`;
}

const RETRIEVAL_HEAD = [
  '| set | pictures | words → pictures @1 | @5 | @10 | median rank | @10 by chance | pictures → words @1 | @10 |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
];

export function retrievalTable({
  languages,
  outlines,
  concepts,
  clipart,
  stamps,
}: Figures): string[] {
  return [
    ...RETRIEVAL_HEAD,
    retrievalRow('`heldout-vendor`: Twemoji, never seen', languages.en!),
    retrievalRow('`heldout-outlines`: OpenMoji, never seen, outlined', outlines),
    retrievalRow('`heldout-concepts`: kinds of things never seen', concepts),
    retrievalRow('`heldout-clipart`: Openclipart, asked by title', clipart),
    retrievalRow("`heldout-stamps`: Tux Paint's stamps, asked by sentence", stamps.en!),
  ];
}

export function languageTable(languages: Figures['languages']): string[] {
  return [
    ...RETRIEVAL_HEAD.map((line) => line.replace('set', 'language')),
    ...Object.entries(languages).map(([language, recalls]) =>
      retrievalRow(LANGUAGE_NAMES[language] ?? language, recalls),
    ),
  ];
}

export function dataTable({ trainedOn }: Figures): string[] {
  const rows = vendors.map(({ name, by, licence }) => {
    const drawn = trainedOn[`pictures/${name}`] ?? 0;
    const scenes = trainedOn[`scenes/${name}`] ?? 0;
    return `| ${name}, ${by} | ${licence} | ${drawn ? `${drawn} and ${scenes}` : 'measured with only'} |`;
  });
  const icons = iconSets.map(({ name, by, licence }) => {
    const counts = [`icons/${name}`, `icons/scenes/${name}`].map((of) => trainedOn[of] ?? 0);
    return `| ${name}, ${by} | ${licence} | ${counts.join(' and ')} |`;
  });
  return [
    '| drawings | licence | trained on: cut out, and on backgrounds |',
    '| --- | --- | ---: |',
    ...rows,
    `| Openclipart (Debian's openclipart-svg) | public domain | ${trainedOn['pictures/clipart'] ?? 0} |`,
    `| two drawings in one picture | as above | ${trainedOn['scenes/pairs'] ?? 0} |`,
    ...icons,
  ];
}

export function galleryTable({ gallery }: Figures): string[] {
  return [
    '| language | queries | accepted first | among the first five |',
    '| --- | ---: | ---: | ---: |',
    ...Object.entries(gallery).map(
      ([language, { queries, first, firstFive }]) =>
        `| ${LANGUAGE_NAMES[language] ?? language} | ${queries} | ${first} | ${firstFive} |`,
    ),
    '',
    ...Object.values(gallery).flatMap(({ missed }) =>
      Object.entries(missed).map(
        ([query, found]) => `- not found: “${query}” → ${found.join(', ')}`,
      ),
    ),
  ];
}

export function coverageTable({ coverage }: Figures): string[] {
  return [
    '| drawings trained on | pictures | words → pictures @1 | @10 |',
    '| --- | ---: | ---: | ---: |',
    ...coverage.map(
      ({ drawings, pictures, r1, r10 }) =>
        `| ${drawings} | ${pictures} | ${share(r1)} | ${share(r10)} |`,
    ),
  ];
}

export function fineTuneTable({ fineTunes }: Figures): string[] {
  return [
    '| set | pairs | seconds | others | @1 before | after | @10 before | after |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...FOREIGN.map(({ split, name }) => {
      const { pairs, seconds, before, after } = fineTunes[split];
      const recalls = (['r1', 'r10'] as const).flatMap((key) =>
        [before, after].map(({ textToImage }) => share(textToImage[key])),
      );
      return `| ${[name, pairs, seconds, before.pictures, ...recalls].join(' | ')} |`;
    }),
  ];
}
