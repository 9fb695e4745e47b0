// Failures as answers: one clear line, never a stack trace.
import { PROBLEM_TYPE, problemText } from '#problem';

/** A request that cannot be answered, with the status and the one line that say why. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly headers: Record<string, string>;
  constructor(
    readonly status: number,
    message: string,
    { headers = {}, ...options }: ErrorOptions & { headers?: Record<string, string> } = {},
  ) {
    super(message, options);
    this.headers = headers;
  }
}

/**
 * Errors of the services that the one who asked can do something about. By name, not by class: Next
 * compiles each route with its own copy of a class, and some errors come from the engine's process.
 */
const statuses: Record<string, number> = {
  EngineUnavailable: 503,
  ImageError: 422,
  InvalidCursor: 400,
  JobRefused: 400,
  JobsBusy: 409,
  SearchError: 400,
  UnknownCollection: 404,
  UnknownJob: 404,
  UnknownRun: 404,
};

/** What went wrong, as a status and a line that may be shown to anyone. */
export function explain(error: unknown): { status: number; message: string } {
  if (error instanceof HttpProblem) return { status: error.status, message: error.message };
  const status = error instanceof Error ? statuses[error.name] : undefined;
  if (status !== undefined) return { status, message: (error as Error).message };
  // Whoever sent it has left: nobody reads the answer, and nothing is wrong with the server.
  if ((error as NodeJS.ErrnoException | null)?.code === 'ECONNRESET') {
    return { status: 400, message: 'The connection broke before all was sent.' };
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return { status: 500, message: 'Something went wrong on the server; its log says what.' };
}

export function problemResponse(error: unknown): Response {
  const { status, message } = explain(error);
  const headers: Record<string, string> = {
    ...(error instanceof HttpProblem && error.headers),
    ...(status === 503 && { 'Retry-After': '1' }),
    'Content-Type': PROBLEM_TYPE,
  };
  return new Response(problemText(status, message), { status, headers });
}

/** Runs a route handler; what it throws becomes a problem. */
export async function answer(handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    return problemResponse(error);
  }
}
