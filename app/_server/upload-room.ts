// How much of the disk uploads may take, all together: nobody fills it by sending file after file.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { HttpProblem } from './problem';

/** Of files and their bytes. */
export interface Amount {
  files: number;
  bytes: number;
}

export class UploadRoom {
  private taken: Promise<Amount> | undefined;

  constructor(
    private readonly folder: string,
    private readonly most: Amount,
  ) {}

  /** Counts a file that is about to be kept. Throws a 413 where it does not fit in. */
  async take(bytes: number): Promise<void> {
    const fits = ({ files, bytes: held }: Amount) =>
      files < this.most.files && held + bytes <= this.most.bytes;
    let taken = await (this.taken ??= amountIn(this.folder));
    // Some may have been removed since they were counted.
    if (!fits(taken)) taken = await (this.taken = amountIn(this.folder));
    if (!fits(taken)) {
      const gigabytes = this.most.bytes / 1e9;
      throw new HttpProblem(
        413,
        `Uploads may be ${this.most.files} files of ${gigabytes} GB in all, and this one is too many; ` +
          'take in folders of the server instead, or remove uploads from its data folder.',
      );
    }
    taken.files++;
    taken.bytes += bytes;
  }
}

/** What lies in a folder, at any depth. */
async function amountIn(folder: string): Promise<Amount> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const amount = { files: 0, bytes: 0 };
  for (const entry of entries) {
    // Files that are still being received are hidden.
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const { size } = await stat(path.join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }));
    amount.files++;
    amount.bytes += size;
  }
  return amount;
}
