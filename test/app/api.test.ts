// The API: what it answers, and what it refuses in one line.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SLOWEST_START, startSite, type Site } from './site';

interface Hit {
  id: number;
  itemId: number;
  kind: string;
  score: number;
  path: string;
  text: string | null;
  captions: string[];
  width: number;
  height: number;
  thumbnail: string;
  original: string;
}

describe('the API', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  }, SLOWEST_START);
  afterAll(() => site?.close());

  const get = (address: string, headers = {}) => fetch(site.url + address, { headers });
  async function search(parameters: string) {
    const response = await get(`/api/v1/search?${parameters}`);
    expect(response.status).toBe(200);
    return (await response.json()) as { model: string; hits: Hit[]; next: number | null };
  }
  async function upload(bytes: Uint8Array<ArrayBuffer>, fields: Record<string, string> = {}) {
    const form = new FormData();
    form.set('image', new File([bytes], 'upload.webp'));
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return fetch(`${site.url}/api/v1/search`, { method: 'POST', body: form });
  }
  async function problem(response: Response) {
    expect(response.headers.get('Content-Type')).toBe('application/problem+json');
    const body = (await response.json()) as { status: number; detail: string };
    expect(body.status).toBe(response.status);
    expect(body.detail).not.toContain('\n');
    return { status: response.status, detail: body.detail };
  }
  const file = (name: string) => new Uint8Array(readFileSync(path.join(site.folder, name)));

  it('pages through hits, best first, without repeating one', async () => {
    const whole = await search('q=guitar&limit=20');
    const scores = whole.hits.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((one, other) => other - one));
    const pages = [await search('q=guitar&limit=10'), await search('q=guitar&limit=10&offset=10')];
    expect(pages.flatMap(({ hits }) => hits.map(({ id }) => id))).toEqual(
      whole.hits.map(({ id }) => id),
    );
    expect(pages[0]!.next).toBe(10);
    expect((await search('q=guitar&limit=100')).next).toBe(null);
  });

  it('finds a caption by its own words, with a picture that carries it', async () => {
    const [first] = (await search('q=guitar&in=text&limit=1')).hits;
    expect(first).toMatchObject({ kind: 'text', text: 'guitar' });
    expect(first!.score).toBeCloseTo(1, 4);
    expect(path.basename(first!.path)).toBe('guitar.webp');
  });

  it('finds an uploaded picture itself, and others like a known one', async () => {
    const response = await upload(file('guitar.webp'), { limit: '1' });
    const [first] = ((await response.json()) as { hits: Hit[] }).hits;
    expect(path.basename(first!.path)).toBe('guitar.webp');
    expect(first!.score).toBeCloseTo(1, 3);
    const like = await search(`like=${first!.itemId}&limit=5`);
    expect(like.hits.map(({ itemId }) => itemId)).not.toContain(first!.itemId);
  });

  it('makes thumbnails once: WebP, immutable at their address, 304 when known', async () => {
    const hits = (await search('q=sky&limit=100')).hits;
    const wide = hits.find((hit) => hit.path.endsWith('wide sky.jpg'))!;
    expect([wide.width, wide.height]).toEqual([900, 300]);
    const response = await get(wide.thumbnail);
    expect(response.headers.get('Content-Type')).toBe('image/webp');
    expect(response.headers.get('Cache-Control')).toContain('immutable');
    const { width, height } = await sharp(await response.arrayBuffer()).metadata();
    expect([width, height]).toEqual([900, 300]);
    const etag = response.headers.get('ETag')!;
    expect((await get(wide.thumbnail, { 'If-None-Match': etag })).status).toBe(304);
    const bare = await get(`/api/v1/items/${wide.itemId}/thumbnail`);
    expect(bare.headers.get('Cache-Control')).toBe('private, no-cache');
  });

  it('serves originals as they are, and SVG never as a page', async () => {
    const hits = (await search('q=drawing&limit=100')).hits;
    const guitar = hits.find((hit) => hit.path.endsWith('guitar.webp'))!;
    const response = await get(guitar.original);
    expect(response.headers.get('Content-Type')).toBe('image/webp');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(file('guitar.webp'));
    const known = { 'If-None-Match': `"other", W/${response.headers.get('ETag')!}` };
    expect((await get(guitar.original, known)).status).toBe(304);
    const drawing = await get(hits.find((hit) => hit.path.endsWith('.svg'))!.original);
    expect(drawing.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(drawing.headers.get('Content-Disposition')).toMatch(/^attachment/);
    expect(drawing.headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  it('serves parts of originals, and says where there is none', async () => {
    const hits = (await search('q=guitar&limit=100')).hits;
    const { original } = hits.find((hit) => hit.path.endsWith('guitar.webp'))!;
    const bytes = file('guitar.webp');
    const size = bytes.length;
    const etag = (await get(original)).headers.get('ETag')!;
    const part = await get(original, { Range: 'bytes=100-199', 'If-Range': etag });
    expect([part.status, part.headers.get('Content-Range')]).toEqual([
      206,
      `bytes 100-199/${size}`,
    ]);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(100, 200));
    const changed = await get(original, { Range: 'bytes=100-199', 'If-Range': '"other"' });
    expect([changed.status, (await changed.arrayBuffer()).byteLength]).toEqual([200, size]);
    const behind = await get(original, { Range: `bytes=${size}-` });
    expect(behind.headers.get('Content-Range')).toBe(`bytes */${size}`);
    expect(await problem(behind)).toEqual({ status: 416, detail: `The file has ${size} bytes.` });
    const head = await fetch(site.url + original, {
      method: 'HEAD',
      headers: { Range: 'bytes=0-9' },
    });
    expect([head.status, head.headers.get('Accept-Ranges')]).toEqual([200, 'bytes']);
  });

  it.each([
    ['', 400, 'Say what to search for'],
    ['q=a&in=sound', 400, 'in: '],
    ['q=a&limit=0', 400, 'limit: '],
    ['q=a&limit=1e9', 400, 'limit: '],
    ['q=a&offset=-1', 400, 'offset: '],
    ['like=abc', 400, 'like: '],
    ['like=999999', 400, 'there is no picture 999999'],
    ['q=a&collection=nowhere', 404, 'no collection is named nowhere'],
  ])('refuses GET /api/v1/search?%s', async (parameters, status, start) => {
    const refused = await problem(await get(`/api/v1/search?${parameters}`));
    expect(refused.status).toBe(status);
    expect(refused.detail).toContain(start);
  });

  it('refuses a query of more than 500 characters', async () => {
    const refused = await problem(await get(`/api/v1/search?q=${'a'.repeat(501)}`));
    expect(refused.status).toBe(400);
    expect(refused.detail).toContain('q: ');
  });

  it('refuses uploads that are no picture, too many bytes, too many pixels, or no form', async () => {
    const text = await problem(await upload(new TextEncoder().encode('not a picture')));
    expect(text).toEqual({
      status: 422,
      detail: 'upload.webp cannot be read: not an image, or in an unsupported format.',
    });
    const large = await problem(await upload(new Uint8Array(21_000_000)));
    expect(large).toEqual({ status: 413, detail: 'A picture may have 20 MB.' });
    const bomb = await sharp({
      create: { width: 12_000, height: 9_000, channels: 3, background: 'white' },
      limitInputPixels: false,
    })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const wide = await problem(await upload(new Uint8Array(bomb)));
    expect(wide.status).toBe(422);
    expect(wide.detail).toContain('12000 × 9000');
    const cut = await problem(await upload(file('guitar.webp').slice(0, 2000)));
    expect(cut.status).toBe(422);
    const none = await fetch(`${site.url}/api/v1/search`, { method: 'POST', body: 'q=a' });
    expect((await problem(none)).status).toBe(415);
  });

  it.each([
    ['no boundary', 'multipart/form-data', 'image'],
    [
      'no end',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="image"',
    ],
    ['another boundary', 'multipart/form-data; boundary=b', '--c\r\n\r\nx\r\n--c--\r\n'],
    ['nothing in it', 'multipart/form-data; boundary=b', ''],
  ])('refuses a malformed form: %s', async (_, type, body) => {
    const headers = { 'Content-Type': type };
    for (const route of ['search', 'embeddings/pictures']) {
      const sent = { method: 'POST', headers, body };
      const refused = await problem(await fetch(`${site.url}/api/v1/${route}`, sent));
      expect([route, refused]).toEqual([route, { status: 400, detail: 'The form is malformed.' }]);
    }
  });

  it('refuses a file that says it is too large before it is sent', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { 'Content-Length': 200_000_001 };
      const sent = request(`${site.url}/api/v1/uploads/a.png`, { method: 'PUT', headers });
      sent.on('error', reject).on('response', (response) => {
        resolve(response.statusCode);
        sent.destroy();
      });
      sent.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it.each(['999999', '0', '-1', 'abc', '1.5', '0x1', '1e0', '..%2f..%2fetc%2fpasswd'])(
    'has no picture %s',
    async (id) => {
      for (const what of ['thumbnail', 'original']) {
        expect((await problem(await get(`/api/v1/items/${id}/${what}`))).status).toBe(404);
      }
    },
  );

  it.each(['/api/v1/items/%zz', '/api/v1/collections/%ff', '/library/%'])(
    'says that %s is no path',
    async (address) => {
      expect((await problem(await get(address))).status).toBe(400);
    },
  );
});
