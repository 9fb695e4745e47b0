// What `npm start` decides before it does anything: which steps are done already, which port is free.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPort, parsePort } from '../../scripts/server.mjs';
import { root, whenChanged } from '../../scripts/setup.mjs';

describe('whenChanged', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'bifocal-setup-'));
    await mkdir(path.join(folder, 'sources'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const source = (name: string) => path.join(folder, 'sources', name);
  /** Whether the work was done. */
  async function step(work = () => {}): Promise<boolean> {
    let done = false;
    const sources = [path.relative(root, path.join(folder, 'sources'))];
    await whenChanged(path.join(folder, 'stamp'), sources, () => {
      work();
      done = true;
      return Promise.resolve();
    });
    return done;
  }

  it('does the work once, and again when a source has changed, come or gone', async () => {
    await writeFile(source('one'), 'a');
    expect([await step(), await step()]).toEqual([true, false]);
    await writeFile(source('one'), 'b');
    expect([await step(), await step()]).toEqual([true, false]);
    await writeFile(source('two'), 'c');
    expect([await step(), await step()]).toEqual([true, false]);
    await rm(source('one'));
    expect([await step(), await step()]).toEqual([true, false]);
  });

  it('does failed work again', async () => {
    const fail = () => {
      throw new Error('no luck');
    };
    await expect(step(fail)).rejects.toThrow('no luck');
    expect([await step(), await step()]).toEqual([true, false]);
  });

  it('does not take work for done that failed after an earlier success', async () => {
    await writeFile(source('one'), 'a');
    await step();
    await writeFile(source('one'), 'b');
    await step(() => {
      throw new Error('no luck');
    }).catch(() => {});
    await writeFile(source('one'), 'a');
    expect(await step()).toBe(true);
  });
});

describe('the port', () => {
  it('is read from text', () => {
    expect(parsePort('3000')).toBe(3000);
    for (const wrong of ['0', '65536', '3.5', 'x', '-1']) {
      expect(() => parsePort(wrong)).toThrow(`not ${wrong}`);
    }
  });

  it('is refused in one line when it is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, 'localhost', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(checkPort(port, 'localhost')).rejects.toThrow(`port ${port} is taken`);
    await new Promise((resolve) => other.close(resolve));
    await checkPort(port, 'localhost');
  });
});
