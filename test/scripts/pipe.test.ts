// A command whose reader leaves early, as `bifocal … | head` does.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { entry } from './command';

test('a command whose output nobody reads any more ends without a word', async () => {
  const child = spawn(process.execPath, [entry, '--help']);
  child.stdout.destroy();
  const said = text(child.stderr);
  expect(await once(child, 'exit')).toEqual([141, null]);
  expect(await said).toBe('');
});
