// Settings from the environment, validated once. Nothing else in the project reads process.env.

import path from 'node:path';
import { z } from 'zod';

const schema = z.object({
  BIFOCAL_HOME: z.string().min(1).default('var'),
  BIFOCAL_MODEL: z.string().min(1).default('starter'),
  BIFOCAL_DEVICE: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'),
  BIFOCAL_THREADS: z.coerce.number().int().min(0).default(0),
  BIFOCAL_ROOTS: z.string().min(1).optional(),
  BIFOCAL_TOKEN: z.string().min(1).optional(),
  BIFOCAL_ROOT: z.string().min(1).optional(),
  HF_ENDPOINT: z.url().default('https://huggingface.co'),
  HF_TOKEN: z.string().optional(),
});

export interface Config {
  /** The folder of this repository: where models/ and scripts/ are found. */
  root: string;
  /** What starts programs of services/ in processes and threads. */
  launcher: string;
  /** The data folder: database, indexes, thumbnails, runs, models. */
  home: string;
  /** Name or path of the model that serves until `model use` has chosen one. */
  model: string;
  device: 'auto' | 'cpu' | 'webgpu' | 'cuda';
  /** Threads for encoding and training; 0 lets the runtime choose. */
  threads: number;
  /** Folders that pictures may be taken in from over HTTP; none means any. */
  roots: string[];
  /** Who reaches the server has to know it; none on a server that only this machine reaches. */
  token: string | undefined;
  /** The hub that `org/name` model ids are pulled from, and the token for private ones. */
  hub: { endpoint: string; token: string | undefined };
}

/** Reads and checks the settings. Throws one line that names the variable at fault. */
export function config(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`environment variable ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const env = parsed.data;
  const root = path.resolve(env.BIFOCAL_ROOT ?? process.cwd());
  return {
    root,
    // Named here, where Next's bundler does not follow it into all that may be started.
    launcher: path.join(root, 'services/launch.mjs'),
    home: path.resolve(root, env.BIFOCAL_HOME),
    model: env.BIFOCAL_MODEL,
    device: env.BIFOCAL_DEVICE,
    threads: env.BIFOCAL_THREADS,
    roots: env.BIFOCAL_ROOTS?.split(path.delimiter).map((each) => path.resolve(each)) ?? [],
    token: env.BIFOCAL_TOKEN,
    hub: { endpoint: env.HF_ENDPOINT, token: env.HF_TOKEN },
  };
}
