// Why a file or a folder cannot be used, in one line.

/** A path that was left out, and why. */
export interface Failure {
  path: string;
  reason: string;
}

const reasons: Record<string, string> = {
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ELOOP: 'a link that leads back to itself',
  ENAMETOOLONG: 'its path is too long for the system',
  EIO: 'the disk cannot read it',
  ENXIO: 'not a file',
};

export function reasonOf(error: unknown, path: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    return path.includes('\uFFFD')
      ? 'its name is not valid UTF-8; rename it'
      : 'no such file, or a link to none';
  }
  return reasons[code ?? ''] ?? message.replaceAll(/\s+/g, ' ').trim();
}
