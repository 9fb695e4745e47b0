// The library over HTTP, by the client that a developer takes: what is answered fits the schemas it is described by.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations, type OperationName } from '#api';
import { createClient, type ApiError, type Client } from '#client';
import { PICTURES } from './library';
import { SLOWEST_START, startSite, until, type Site } from './site';

/** Of adm-zip: `getData` checks the checksum. */
type ZipReader = new (bytes: Buffer) => {
  getEntries(): { entryName: string; getData(): Buffer }[];
};

describe('the library over HTTP', () => {
  let site: Site;
  let api: Client;
  beforeAll(async () => {
    site = await startSite();
    api = createClient({ url: site.url });
  }, SLOWEST_START);
  afterAll(() => site?.close());

  const drawing = (name: string) =>
    new Blob([new Uint8Array(readFileSync(path.join(site.folder, `${name}.webp`)))]);
  const refusal = async (call: Promise<unknown>) => {
    const error = (await call.then(
      () => null,
      (reason: unknown) => reason,
    )) as ApiError | null;
    return { status: error?.status, message: error?.message };
  };
  /** An answer of the operation, checked against the schema that describes it. */
  async function described<T>(name: OperationName, call: Promise<T>): Promise<T> {
    const value = await call;
    const { schema } = operations[name].answer as { schema: z.ZodType };
    expect(schema.safeParse(value).error?.issues ?? []).toEqual([]);
    return value;
  }

  it('answers as described', async () => {
    await described('status', api.status());
    await described('search', api.search({ q: 'guitar', limit: 3 }));
    await described('searchByPicture', api.searchByPicture(drawing('guitar'), { limit: 3 }));
    await described('failures', api.failures());
    const { collections } = await described('collections', api.collections());
    expect(collections).toMatchObject([{ name: 'gallery', items: PICTURES, present: PICTURES }]);
    expect(collections[0]!.covers.length).toBeGreaterThan(2);
  });

  it('lists every picture once, page after page', async () => {
    const seen: number[] = [];
    let after: string | undefined;
    do {
      const page = await described('items', api.items({ limit: 25, ...(after && { after }) }));
      seen.push(...page.items.map(({ itemId }) => itemId));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(seen).toHaveLength(PICTURES);
    expect(new Set(seen).size).toBe(PICTURES);
    const wide = await api.items({ orientation: 'landscape' });
    expect(wide.items.map(({ label }) => label)).toContain('wide sky.jpg');
    expect(await refusal(api.items({ after: 'nowhere' }))).toMatchObject({ status: 400 });
    expect(await refusal(api.items({ collection: 'nowhere' }))).toMatchObject({ status: 404 });
  });

  it('puts pictures into a collection and takes them out again', async () => {
    const { items } = await api.items({ limit: 3 });
    const ids = items.map(({ itemId }) => itemId);
    const name = 'a few / of them';
    const listed = async () => (await api.items({ collection: name })).items.length;
    expect(await described('addToCollection', api.addToCollection(name, ids))).toEqual({
      changed: 3,
    });
    expect(await listed()).toBe(3);
    const taken = api.takeOutOfCollection(name, ids.slice(1));
    expect(await described('takeOutOfCollection', taken)).toEqual({ changed: 2 });
    expect(await listed()).toBe(1);
    await api.forgetCollection(name);
    const refused = { status: 404 };
    expect(await refusal(api.takeOutOfCollection(name, ids))).toMatchObject(refused);
    expect(await refusal(api.addToCollection(' ', ids))).toMatchObject({ status: 400 });
    expect(await refusal(api.addToCollection('two\nlines', ids))).toMatchObject({ status: 400 });
    expect(await refusal(api.addToCollection(name, []))).toMatchObject({ status: 400 });
  });

  it('sends the files of several pictures in one archive', async () => {
    const { items } = await api.items({ limit: 200 });
    const two = ['guitar', 'bicycle'].map((name) => items.find(({ label }) => label === name)!);
    const archive = await api.archive([...two.map(({ itemId }) => itemId), 999_999]);
    // A reader that somebody else wrote; onnxruntime-node brings it along.
    const Zip = createRequire(import.meta.url)('adm-zip') as ZipReader;
    const entries = new Zip(Buffer.from(await archive.arrayBuffer())).getEntries();
    const read = entries.map((entry) => [entry.entryName, entry.getData()] as const);
    expect(read.map(([name]) => name).sort()).toEqual(['bicycle.webp', 'guitar.webp']);
    for (const [name, bytes] of read) {
      expect(bytes.equals(readFileSync(path.join(site.folder, name)))).toBe(true);
    }
    expect(await refusal(api.archive([999_999]))).toMatchObject({ status: 404 });
    expect(await refusal(api.archive([]))).toMatchObject({ status: 400 });
  });

  it('embeds texts and pictures to the vectors that it searches with', async () => {
    const texts = await described('embedTexts', api.embedTexts(['guitar', 'red apple']));
    const pictures = await described('embedPictures', api.embedPictures([drawing('guitar')]));
    expect(pictures.fingerprint).toBe(texts.fingerprint);
    const [guitar, apple] = texts.vectors as [number[], number[]];
    const [picture] = pictures.vectors as [number[]];
    expect(dot(picture, picture)).toBeCloseTo(1, 4);
    expect(dot(picture, guitar)).toBeGreaterThan(dot(picture, apple));
    const { hits } = await api.search({ q: 'guitar', limit: 100 });
    const hit = hits.find(({ captions }) => captions.includes('guitar'))!;
    expect(hit.score).toBeCloseTo(dot(picture, guitar), 3);
    expect((await api.original(hit.itemId)).size).toBe(drawing('guitar').size);
    expect((await api.thumbnail(hit.itemId, { size: 'small' })).type).toBe('image/webp');
    expect(await refusal(api.embedTexts([]))).toMatchObject({ status: 400 });
    const nothing = api.embedPictures([new Blob(['no picture'])]);
    expect(await refusal(nothing)).toMatchObject({ status: 422 });
  });

  it('keeps what is sent, takes it in, and forgets it again', async () => {
    const bytes = new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="30"/>']);
    const sent = await described(
      'upload',
      api.upload('../../tall & thin.svg', bytes, { collection: 'sent' }),
    );
    expect(sent).toMatchObject({ name: 'tall & thin.svg', known: false });
    const again = await api.upload('tall & thin.svg', bytes, { collection: 'sent' });
    expect(again).toMatchObject({ name: 'tall & thin.svg', known: true });
    const other = await api.upload('tall & thin.svg', drawing('bicycle'), { collection: 'sent' });
    expect(other.name).toBe('tall & thin.svg.webp');
    const plain = new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>']);
    await api.upload('square.svg', plain, { collection: 'sent' });
    expect(await refusal(api.upload('a.png', new Blob(['no picture'])))).toMatchObject({
      status: 422,
      message: 'a.png cannot be read: not an image, or in an unsupported format.',
    });

    const parameters = { paths: [sent.folder], collection: 'sent' };
    const { id } = await described('startJob', api.startJob({ kind: 'ingest', parameters }));
    const states: string[] = [];
    for await (const job of api.followJob(id)) {
      await described('followJob', Promise.resolve(job));
      states.push(job.state);
    }
    expect(states.at(0)).toBe('running');
    expect(states.at(-1)).toBe('done');
    const ended = await described('job', api.job(id));
    expect(ended.result).toMatchObject({ found: 3, failed: 0 });
    const { jobs } = await described('jobs', api.jobs({ kind: 'ingest' }));
    expect(jobs.map((job) => job.id)).toContain(id);

    const { items } = await api.items({ collection: 'sent' });
    expect(items).toHaveLength(3);
    const tall = items.find(({ label }) => label === 'tall & thin.svg')!;
    const forgotten = await described('forgetItems', api.forgetItems([tall.itemId, 999_999]));
    expect(forgotten).toEqual({ forgotten: 1 });
    const square = items.find(({ label }) => label === 'square.svg')!;
    await api.forgetItem(square.itemId);
    expect(await refusal(api.forgetItem(square.itemId))).toMatchObject({ status: 404 });
    expect(await refusal(api.item(square.itemId))).toMatchObject({ status: 404 });
    await api.forgetCollection('sent');
    expect(await refusal(api.forgetCollection('sent'))).toMatchObject({ status: 404 });
    expect((await api.items({ limit: 200 })).items).toHaveLength(PICTURES);
    await api.forgetJob(id);
    expect(await refusal(api.job(id))).toMatchObject({ status: 404 });
  });

  it('starts no job that it does not understand', async () => {
    const start = (kind: string, parameters: object) =>
      refusal(api.startJob({ kind, parameters } as Parameters<Client['startJob']>[0]));
    expect(await start('shell', {})).toMatchObject({ status: 400 });
    expect(await start('ingest', { paths: ['../etc'] })).toMatchObject({ status: 400 });
    expect(await start('ingest', { paths: ['/etc'], watch: true })).toMatchObject({ status: 400 });
    expect(await refusal(api.stopJob('../../x'))).toMatchObject({ status: 404 });
  });

  it('describes each of its routes, for programs and for people', async () => {
    const document = (await (await fetch(`${site.url}/api/v1/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    expect(document.openapi).toBe('3.1.1');
    const described = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(described.map(({ operationId }) => operationId).sort()).toEqual(
      Object.keys(operations).sort(),
    );
    for (const [address, methods] of Object.entries(document.paths)) {
      const parameters = address.match(/\{\w+\}/g) ?? [];
      for (const method of Object.keys(methods)) {
        const answer = await fetch(site.url + address.replaceAll(/\{\w+\}/g, '0'), {
          method: 'OPTIONS',
        });
        const allowed = answer.headers.get('Allow') ?? '';
        expect([address, parameters.length, allowed]).toEqual([
          address,
          parameters.length,
          expect.stringContaining(method.toUpperCase()),
        ]);
      }
    }
    const html = await (await fetch(`${site.url}/api/docs`)).text();
    for (const name of Object.keys(operations)) expect(html).toContain(`id="${name}"`);
    expect(html).toContain('/api/v1/search?q=red+apple&amp;not=green&amp;limit=2');
  });

  it('says that it is well, and how long things take', async () => {
    await until(async () => (await fetch(`${site.url}/api/health`)).status === 200, 'health');
    await api.search({ q: 'a guitar never asked for before' });
    const text = await (await fetch(`${site.url}/metrics`)).text();
    expect(text).toMatch(/^bifocal_ready 1$/m);
    expect(text).toMatch(new RegExp(`^bifocal_items ${PICTURES}$`, 'm'));
    for (const stage of ['encode', 'search']) {
      const name = 'bifocal_search_stage_duration_seconds_count';
      expect(text).toMatch(new RegExp(`^${name}\\{stage="${stage}"\\} [1-9]`, 'm'));
    }
    expect(text).toMatch(
      /^bifocal_request_duration_seconds_count\{operation="search",status="200"\} [1-9]/m,
    );
  });
});

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, value, n) => sum + value * b[n]!, 0);
}
