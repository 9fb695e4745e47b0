// Files that could not be used, each with the collection that it was to be in.
import type { FailuresAnswer } from '#api';
import { catalog } from './services';

/** A page of them, by path. */
export async function failuresOf(page: { limit: number; offset: number }): Promise<FailuresAnswer> {
  const { files } = await catalog();
  return { total: await files.countFailed(), failures: files.failures(page) };
}
