// Server-sent events as an async iterator, over fetch: EventSource cannot send a token, and Node has none.

/** Milliseconds before a connection that broke is made again; doubled up to the longest. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/**
 * The values of a stream of events, each of them JSON. A stream that ends before `isLast` holds for a
 * value is opened again.
 */
export async function* events<T>(
  open: () => Promise<Response>,
  isLast: (value: T) => boolean,
  signal?: AbortSignal,
): AsyncGenerator<T, void> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      for await (const value of valuesOf<T>(await open())) {
        pause = FIRST_PAUSE;
        yield value;
        if (isLast(value)) return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      // What the server refuses it would refuse again; a network that is down may come back.
      if ((error as Error).name === 'ApiError') throw error;
    }
    if (signal?.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function* valuesOf<T>(response: Response): AsyncGenerator<T, void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let text = ''; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const data = block.split('\n').filter((line) => line.startsWith('data: '));
        if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(6)).join('\n')) as T;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
