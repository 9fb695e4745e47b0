// Server-sent events: the values of an iterator, as they come.

/** A comment now and then keeps proxies from closing a connection that is silent. */
const KEEP_ALIVE_MS = 15_000;

/** @param values - gets a signal that is aborted when the client has gone. */
export function eventStream<T>(values: (signal: AbortSignal) => AsyncIterable<T>): Response {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  let keepAlive: NodeJS.Timeout;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      keepAlive = setInterval(() => send(':\n\n'), KEEP_ALIVE_MS);
      try {
        for await (const value of values(gone.signal)) {
          if (gone.signal.aborted) return;
          send(`data: ${JSON.stringify(value)}\n\n`);
        }
        controller.close();
      } catch (error) {
        if (!gone.signal.aborted) controller.error(error);
      } finally {
        clearInterval(keepAlive);
      }
    },
    cancel() {
      clearInterval(keepAlive);
      gone.abort();
    },
  });
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    },
  });
}
