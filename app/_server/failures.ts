// Files that could not be used, each with the collection that the job that found it was to put it into.
import path from 'node:path';
import type { FailuresAnswer } from '#api';
import { catalog, jobs } from './services';

/** A page of them, by path. */
export async function failuresOf(page: { limit: number; offset: number }): Promise<FailuresAnswer> {
  const { files } = await catalog();
  const failures = files.failures(page);
  const intents = failures.length > 0 ? await intentions() : [];
  return {
    total: await files.countFailed(),
    failures: failures.map((failure) => {
      const intent = intents.find(({ paths }) => paths.some((each) => holds(each, failure.path)));
      return { ...failure, collection: intent?.collection ?? null };
    }),
  };
}

/** What was to go into which collection, the newest first. */
async function intentions(): Promise<{ paths: string[]; collection: string }[]> {
  return (await jobs().list()).flatMap(({ kind, parameters }) => {
    const { paths, collection } = parameters as { paths?: string[]; collection?: string };
    return kind === 'ingest' && paths && collection !== undefined ? [{ paths, collection }] : [];
  });
}

function holds(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}
