// `bifocal search` as a process: by words, by a picture, in pictures and in texts, and wrong usage.

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeLibrary, type Library } from '../app/library';
import { bifocal, lastLine } from './command';

interface Found {
  model: string;
  took: { encodeMs: number; searchMs: number };
  cutoff: number | null;
  hits: {
    kind: string;
    score: number;
    related: boolean;
    matched: string[];
    path: string;
    text: string | null;
    captions: string[];
  }[];
}

let library: Library;
beforeAll(async () => {
  library = await makeLibrary();
});
afterAll(() => rm(library.home, { recursive: true }));

const run = (...args: string[]) => bifocal(args, { home: library.home, cwd: library.folder });
const find = async (...args: string[]) => lastLine<Found>(await run('search', ...args, '--json'));

describe('bifocal search', () => {
  it('finds pictures for words, best first, as many as asked for', async () => {
    const { hits, took } = await find('a', 'guitar', '--limit', '7');
    expect(hits.map(({ kind }) => kind)).toEqual(Array(7).fill('image'));
    expect(hits.map(({ captions }) => captions[0])).toContain('guitar');
    const scores = hits.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((one, other) => other - one));
    expect(took.encodeMs).toBeGreaterThan(0);
  });

  it('finds a picture by itself, given relative to the current folder', async () => {
    const [first] = (await find('--image', 'guitar.webp', '--limit', '1')).hits;
    expect(path.basename(first!.path)).toBe('guitar.webp');
    expect(first!.captions).toEqual(['guitar']);
    expect(first!.score).toBeCloseTo(1, 3);
  });

  it('finds texts, with a picture that carries each', async () => {
    const [first] = (await find('guitar', '--in', 'text', '--limit', '1')).hits;
    expect(first).toMatchObject({ kind: 'text', text: 'guitar' });
    expect(path.basename(first!.path)).toBe('guitar.webp');
  });

  it('takes away what --not says', async () => {
    const score = async (...args: string[]) =>
      (await find('--image', 'guitar.webp', '--limit', '70', ...args)).hits.find(
        ({ captions }) => captions[0] === 'guitar',
      )!.score;
    expect(await score('--not', 'guitar')).toBeLessThan(await score());
  });

  it('keeps to what the filters say', async () => {
    const all = await find('guitar', '--limit', '200', '--format', 'webp', '--has-caption');
    expect(all.hits.length).toBeGreaterThan(10);
    expect((await find('guitar', '--under', 'guitar.webp')).hits).toHaveLength(1);
    const bare = (await find('guitar', '--no-caption')).hits.map(({ captions }) => captions);
    expect(bare.length).toBeGreaterThan(0);
    expect(bare.flat()).toEqual([]);
    expect((await find('guitar', '--missing')).hits).toEqual([]);
    const wrong = await run('search', 'guitar', '--taken-after', 'yesterday');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('year') });
  });

  it('ranks as the page does: what has the words first, and says what is probably unrelated', async () => {
    const { hits, cutoff } = await find('guitar', '--limit', '70');
    expect(hits[0]).toMatchObject({ related: true, captions: ['guitar'] });
    expect(hits[0]!.matched).toContain('caption');
    for (const { score, related, matched } of hits) {
      expect(related).toBe(score >= cutoff! || matched.some((what) => what !== 'meaning'));
    }
    const related = hits.filter((hit) => hit.related).length;
    expect(related).toBeLessThan(70);

    const { code, stdout } = await run('search', 'guitar', '--limit', '70');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(71);
    expect(lines[0]).toMatch(/^ 1 +-?\d\.\d{3} .+ \/.+$/);
    expect(lines.indexOf('Probably unrelated:')).toBe(related);
  });

  it.each([
    [['search'], 2, 'give words to search for, or a picture with --image FILE'],
    [['search', 'a', '--in', 'sound'], 2, "'sound' is invalid"],
    [['search', 'a', '--limit', '0'], 2, 'It must be a whole number above 0.'],
    [['search', 'a', '--collection', 'nowhere'], 1, 'no collection is named nowhere'],
    [['search', '--image', 'nothing.png'], 1, 'nothing.png'],
    [['search', '--image', 'metadata.jsonl'], 1, 'metadata.jsonl'],
  ])('ends %j with %i and one line', async (args, code, line) => {
    const ended = await run(...args);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain(line);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});
