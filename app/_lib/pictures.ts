// Pictures dropped, pasted or picked in this browser tab. They stay in memory: only their names reach the address bar.
import { MAX_UPLOAD_MEGABYTES } from '#limits';

export interface HeldPicture {
  file: File;
  /** An object URL, for the preview. */
  preview: string;
}

/** More than anyone goes back to; the oldest is let go beyond it. */
const CAPACITY = 20;
const held = new Map<string, HeldPicture>();

/** Keeps a picture and returns the name under which the address bar knows it. */
export function holdPicture(file: File): string {
  const name = Math.random().toString(36).slice(2, 10);
  held.set(name, { file, preview: URL.createObjectURL(file) });
  const oldest = held.keys().next().value;
  if (held.size > CAPACITY && oldest !== undefined) {
    URL.revokeObjectURL(held.get(oldest)?.preview ?? '');
    held.delete(oldest);
  }
  return name;
}

/** The picture of that name, if this tab still holds it. */
export function heldPicture(name: string | undefined): HeldPicture | undefined {
  return name === undefined ? undefined : held.get(name);
}

/** Why a file cannot be searched by; null if it can be tried. */
export function refusal(file: File): 'notAPicture' | 'tooLarge' | null {
  if (!file.type.startsWith('image/')) return 'notAPicture';
  return file.size / 1e6 > MAX_UPLOAD_MEGABYTES ? 'tooLarge' : null;
}
