// How well the line is drawn below which results are probably unrelated, `npm run bench:related`: on the sample
// gallery of the library that BIFOCAL_HOME holds (as `npm start` fills it), by the model that serves it.

import path from 'node:path';
import { openCatalog } from '#catalog';
import { openEngine } from '#engine';
import { search, type Hit } from '#search';
import queries from '../starter/gallery-queries.json' with { type: 'json' };

/** What nobody would find in the gallery. */
const ELSEWHERE = [
  'quarterly tax report',
  'kernel panic stack trace',
  'terms and conditions apply',
  'minutes of the board meeting',
  'gradient descent with momentum',
  'a parking garage at dusk',
  'renovated two-bedroom apartment',
  'concrete bridge pillars',
  'screenshot of a spreadsheet',
  'brushed aluminium surface',
  'wet asphalt with puddles',
  'electron micrograph of pollen',
  'blueprint of a house',
  'the lease agreement',
  'signed invoice',
  'satellite view of farmland',
];

/** What says nothing to anybody. */
const NONSENSE = `
qwertyuiop zxcv, asdf, asdfgh, qwerty, zxcvbnm, hjkl, asdfasdf, qweqwe, lkjhgf, jfkdls, aaaa, xxxxxxx, fghfgh,
wasd, poiuyt, mnbvcxz, blorptang, frumious vorpal, flibberwock, snargle, zzyzx qopp, blah blah, lorem ipsum
dolor sit amet, foo bar baz, 12345, 1q2w3e4r, !!!, x7f3a9, yqnwz, phoz, rnwxb, zffzbj, abryvtb, qmfxbuda,
stwvvtaid, rjhuiwofmo, khvpjspkogc, pnlhlcufdwpq, 雔慭, 玈沾罗, 茤怘崀縺, 万搟課觞濁, 檯痉, 懖擗迥, 搖籶劙鉩, 莮焉宛躥撃, 彌熎, 誇橰且, 滦噶魢掱,
笀籒鐶處騠
`
  .split(',')
  .map((words) => words.trim());

const catalog = await openCatalog();
const engine = await openEngine({ catalog });
try {
  const status = await engine.status();
  console.log(`model ${status.model?.name ?? ''}`);
  for (const [language, accepted] of Object.entries(queries)) {
    await measure(language, Object.entries<string[]>(accepted));
  }
  await measureOthers('of something else', ELSEWHERE);
  await measureOthers('of nothing', NONSENSE);
} finally {
  await engine.close();
  await catalog.close();
}

/** Prints F1 of what is called related, and of the cut that a query's answers would choose; means over queries. */
async function measure(name: string, asked: [words: string, accepted: string[]][]): Promise<void> {
  const found: { f1: number; best: number; shown: number }[] = [];
  for (const [words, accepted] of asked) {
    const hits = await ask(words);
    const right = hits.map(({ path: file }) => accepted.includes(path.parse(file ?? '').name));
    if (!right.includes(true)) throw new Error(`${words}: the library lacks the sample gallery`);
    const shown = hits.filter(({ related }) => related).length;
    const cuts = right.map((_, at) => f1(right, at + 1));
    found.push({ f1: f1(right, shown), best: Math.max(...cuts), shown });
  }
  const of = (key: 'f1' | 'best' | 'shown') => mean(found.map((one) => one[key]));
  console.log(
    `${name}: F1 ${of('f1').toFixed(3)}, with each query's best cut ${of('best').toFixed(3)}; ` +
      `${of('shown').toFixed(1)} pictures called related`,
  );
}

/** Prints how much is called related to what nobody would find. */
async function measureOthers(name: string, asked: readonly string[]): Promise<void> {
  const left: number[] = [];
  for (const words of asked) left.push((await ask(words)).filter(({ related }) => related).length);
  const none = left.filter((count) => count === 0).length;
  console.log(
    `${name}: ${mean(left).toFixed(1)} pictures called related, ` +
      `at most ${Math.max(...left)}, none for ${none} of ${left.length}`,
  );
}

/** All pictures of the gallery, best first, by likeness alone. */
function ask(words: string): Promise<Hit[]> {
  const query = { words, in: 'image', judged: true, limit: 10_000 } as const;
  return search({ ...query, filter: { collection: 'gallery' } }, { engine, catalog }).then(
    ({ hits }) => hits,
  );
}

/** Of the first `count`, where `right` says which are. */
function f1(right: boolean[], count: number): number {
  const relevant = right.filter(Boolean).length;
  const hit = right.slice(0, count).filter(Boolean).length;
  return (2 * hit) / (count + relevant);
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
