// Files on their way to the server, a few at a time: how far each is, what failed, and trying again. No drawing.
import type { UploadAnswer } from '#api';

export type UploadState = 'waiting' | 'sending' | 'kept' | 'failed';

export interface Upload {
  file: File;
  state: UploadState;
  /** Bytes. */
  sent: number;
  /** Why it failed; null where the connection was lost. */
  reason: string | null;
}

const AT_ONCE = 3;
/** A connection that is lost is tried again by itself so often, after so many milliseconds. */
const TRIES = 3;
const PAUSE = 1000;
/** Milliseconds between two drawings of the list. */
const TICK = 150;

export class UploadQueue {
  /** Where the server keeps them, once it has said so. */
  folder: string | null = null;
  private readonly uploads: Upload[];
  /** What was drawn last: a copy, so that what has changed is another object. */
  private drawn: readonly Upload[];
  private readonly listeners = new Set<() => void>();
  private sending = 0;
  private ticking = false;

  /** @param onSettled - called when nothing is under way any more, again after each retry */
  constructor(
    files: readonly File[],
    readonly collection: string,
    private readonly onSettled: (queue: UploadQueue) => void,
  ) {
    this.uploads = files.map((file) => ({ file, state: 'waiting', sent: 0, reason: null }));
    this.drawn = [...this.uploads];
    this.fill();
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly snapshot = () => this.drawn;

  /** Sends again what failed. */
  retry(): void {
    for (const upload of this.uploads) {
      if (upload.state === 'failed') this.set(upload, { state: 'waiting', sent: 0, reason: null });
    }
    this.fill();
  }

  private fill(): void {
    while (this.sending < AT_ONCE) {
      const next = this.uploads.find(({ state }) => state === 'waiting');
      if (next === undefined) break;
      this.sending++;
      this.set(next, { state: 'sending' });
      void this.send(next).finally(() => {
        this.sending--;
        this.fill();
        if (this.sending === 0) this.onSettled(this);
      });
    }
  }

  private async send(upload: Upload): Promise<void> {
    const { file } = upload;
    for (let tries = 1; ; tries++) {
      const onSent = (sent: number) => this.set(upload, { sent });
      const { status, answer } = await put(file, this.collection, onSent);
      if (status === 201) {
        this.folder = (answer as UploadAnswer).folder;
        return this.set(upload, { state: 'kept', sent: file.size });
      }
      if (status === 0 && tries < TRIES) {
        await new Promise((resolve) => setTimeout(resolve, tries * PAUSE));
        continue;
      }
      const reason = (answer as { detail?: string } | null)?.detail ?? null;
      return this.set(upload, { state: 'failed', reason });
    }
  }

  private set(upload: Upload, change: Partial<Upload>): void {
    Object.assign(upload, change);
    if (this.ticking) return;
    this.ticking = true;
    setTimeout(() => {
      this.ticking = false;
      this.drawn = this.uploads.map((each) => ({ ...each }));
      for (const listener of this.listeners) listener();
    }, TICK);
  }
}

/** Sends one file. By XMLHttpRequest: fetch does not tell how much has gone out. Status 0: connection lost. */
function put(file: File, collection: string, onSent: (bytes: number) => void) {
  return new Promise<{ status: number; answer: unknown }>((resolve) => {
    const query = collection === '' ? '' : `?collection=${encodeURIComponent(collection)}`;
    const request = new XMLHttpRequest();
    request.open('PUT', `/api/v1/uploads/${encodeURIComponent(file.name)}${query}`);
    request.responseType = 'json';
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onloadend = () =>
      resolve({ status: request.status, answer: request.response as unknown });
    request.send(file);
  });
}
