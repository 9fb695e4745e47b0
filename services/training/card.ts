// The model card of a tuned model: README.md in the form that Hugging Face reads.

import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelFolder } from '#model';
import type { Choice } from './choice';
import type { Evaluation, Estimate } from './evaluation/evaluate';
import type { Comparison, TrainReport } from './outcome';
import type { RunSettings } from './run';

const README = 'README.md';
const FIGURES = 'evaluation.json';

/** What the base model's card says about how it may be used, carried over as it stands. */
const CARRIED = /^(license|license_name|license_link|language):.*$/gm;

/** The classes of transformers.js that open the two graphs, by `model_type`. */
const CLASSES: Record<string, { text: string; image: string; output: [string, string] }> = {
  clip: {
    text: 'CLIPTextModelWithProjection',
    image: 'CLIPVisionModelWithProjection',
    output: ['text_embeds', 'image_embeds'],
  },
  siglip: {
    text: 'SiglipTextModel',
    image: 'SiglipVisionModel',
    output: ['pooler_output', 'pooler_output'],
  },
};

const percent = (share: number) => (100 * share).toFixed(1);
const range = ([low, high]: Estimate['interval']) => `${percent(low)} to ${percent(high)}`;

function table(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows;
  const widths = head!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join(
    '\n',
  );
}

function recallTable({ before, after, difference }: Comparison): string {
  const ways = { textToImage: 'words → pictures', imageToText: 'picture → words' } as const;
  const figure = (of: Evaluation, way: keyof typeof ways, recall: 'r1' | 'r5' | 'r10') =>
    `${percent(of[way][recall])} (${range(of[way].interval[recall])})`;
  const rows = (Object.keys(ways) as (keyof typeof ways)[]).flatMap((way) =>
    (['r1', 'r5', 'r10'] as const).map((recall) => [
      `${ways[way]}, recall@${recall.slice(1)}`,
      percent(after[way].chance[recall]),
      figure(before, way, recall),
      figure(after, way, recall),
      `${percent(difference[way][recall].value)} (${range(difference[way][recall].interval)})`,
    ]),
  );
  return table([['%', 'chance', 'base', 'this model', 'change'], ...rows]);
}

function blendSection({ alpha, reason, trials }: Choice): string {
  const cell = (share?: number) => (share === undefined ? '–' : percent(share));
  const rows = trials.map((trial) => [
    `${trial.alpha}${trial.alpha === alpha ? ' (this model)' : ''}`,
    cell(trial.validation),
    cell(trial.retention),
  ]);
  const swept =
    rows.length === 0 ? '' : `\n\n${table([['α', 'validation', 'retention'], ...rows])}`;
  return `(1 − α) · base + α · tuned (WiSE-FT, Wortsman et al. 2022), α = ${alpha}: ${reason}.${swept}`;
}

/** The settings, with files by their names only. */
function settingsBlock(settings: RunSettings): string {
  const named = Object.entries(settings).map(([key, value]) => [
    key,
    typeof value === 'string' && path.isAbsolute(value) ? path.basename(value) : value,
  ]);
  return JSON.stringify(Object.fromEntries(named), null, 2);
}

function usage({ config: { modelType }, textModel, visionModel }: ModelFolder, folder: string) {
  const dtype = (file: string) => (file.endsWith('_fp16.onnx') ? 'fp16' : 'fp32');
  const { text, image, output } = CLASSES[modelType] ?? CLASSES.clip!;
  return `\`\`\`
npx bifocal ingest ~/Pictures --model ./${folder}
npx bifocal search "words" --model ./${folder}
\`\`\`

\`\`\`js
import { AutoProcessor, AutoTokenizer, RawImage } from '@huggingface/transformers';
import { ${text}, ${image} } from '@huggingface/transformers';

const model = './${folder}';
const tokenizer = await AutoTokenizer.from_pretrained(model);
const textModel = await ${text}.from_pretrained(model, { dtype: '${dtype(textModel)}' });
const { ${output[0]}: words } = await textModel(tokenizer(['words'], { padding: true, truncation: true }));

const processor = await AutoProcessor.from_pretrained(model);
const imageModel = await ${image}.from_pretrained(model, { dtype: '${dtype(visionModel)}' });
const { ${output[1]}: pictures } = await imageModel(await processor(await RawImage.read('picture.jpg')));
\`\`\`

Cosines of the two are similarities; neither is normalised.`;
}

/** The lines of the base card's front matter that go on holding, and what it is based on. */
async function frontMatter({ path: folder, config }: ModelFolder, bases: string): Promise<string> {
  const card = await readFile(path.join(folder, README), 'utf8').catch(() => '');
  const [, front = ''] = /^---\n(.*?)\n---/s.exec(card) ?? [];
  return [
    '---',
    `base_model: ${bases}`,
    ...(front.match(CARRIED) ?? []),
    'library_name: transformers.js',
    'pipeline_tag: zero-shot-image-classification',
    `tags: [${config.modelType}, onnx, image-text-retrieval, bifocal]`,
    '---',
  ].join('\n');
}

function measured(title: string, comparison: Comparison | null): string[] {
  if (comparison === null) return [];
  return [
    `## ${title}`,
    `${comparison.after.pairs} pictures; in brackets 95 % intervals by bootstrap over the queries, ` +
      'paired for the change.',
    recallTable(comparison),
  ];
}

/** Writes README.md into `folder`, and the figures as evaluation.json. */
export async function writeCard(
  folder: string,
  base: ModelFolder,
  settings: RunSettings,
  report: TrainReport,
): Promise<void> {
  const { best, blend, evaluation, retention, test, steps } = report;
  const name = path.basename(path.resolve(report.model));
  const epoch =
    best === null ? '' : ` The weights are those of step ${best.step}, the best validated.`;
  const chosen =
    evaluation === null
      ? []
      : ['Step and α were chosen by these pictures, which flatters this model a little.'];
  const parts = [
    await frontMatter(base, base.name),
    `# ${name}`,
    `\`${base.name}\`, fine-tuned by Bifocal for ${steps} ` +
      `steps of ${settings.batchSize} pairs of ${path.basename(settings.data)}.${epoch}`,
    ...measured('On test pictures', test),
    ...measured('On validation pictures', evaluation),
    ...chosen,
    ...measured('On the retention set', retention),
    '## Weights',
    blendSection(blend),
    '## Use',
    usage(base, name),
    '## Settings',
    `\`\`\`json\n${settingsBlock(settings)}\n\`\`\``,
  ];
  await writeFile(path.join(folder, README), `${parts.join('\n\n')}\n`);
  const figures = JSON.stringify({ test, evaluation, retention }, null, 2);
  await writeFile(path.join(folder, FIGURES), `${figures}\n`);
}

/** The card of (1 − α) · a + α · b, in the place of that of `b`, whose figures do not hold for it. */
export async function writeBlendCard(
  folder: string,
  a: ModelFolder,
  b: ModelFolder,
  alpha: number,
): Promise<void> {
  const made = `(1 − α) · \`${a.name}\` + α · \`${b.name}\` with α = ${alpha}, weight by weight, by Bifocal.`;
  await writeDerivedCard(
    folder,
    path.basename(path.resolve(folder)),
    b,
    `[${a.name}, ${b.name}]`,
    made,
  );
}

/** The card of a model for pictures of another size. */
export async function writeResizedCard(
  folder: string,
  name: string,
  base: ModelFolder,
  side: number,
): Promise<void> {
  const made =
    `\`${base.name}\`, for pictures of ${side} × ${side} pixels, by Bifocal. It should be trained a little at ` +
    'that size before it is used.';
  await writeDerivedCard(folder, name, base, base.name, made);
}

/** The card of a model that was made from others without training. */
async function writeDerivedCard(
  folder: string,
  name: string,
  base: ModelFolder,
  bases: string,
  made: string,
): Promise<void> {
  const parts = [
    await frontMatter(base, bases),
    `# ${name}`,
    `${made} Not measured: see \`npx bifocal evaluate --help\`.`,
    '## Use',
    usage(base, name),
  ];
  await rm(path.join(folder, FIGURES), { force: true });
  await writeFile(path.join(folder, README), `${parts.join('\n\n')}\n`);
}
