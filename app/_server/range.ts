// Parts of a file, as a request's Range header asks for them (RFC 9110, section 14).

export interface Span {
  /** Offsets of the first and the last byte. */
  start: number;
  end: number;
}

/**
 * The part of a file of `size` bytes that a request wants: undefined for the whole, null where what it wants
 * lies behind the end. What is no single range of bytes asks for the whole, as does an If-Range that names
 * another state of the file.
 */
export function wantedSpan({ method, headers }: Request, size: number, etag: string) {
  const asked = /^bytes=(\d*)-(\d*)$/i.exec(headers.get('Range')?.trim() ?? '');
  if (method !== 'GET' || asked === null) return undefined;
  if ((headers.get('If-Range') ?? etag) !== etag) return undefined;
  const [first, last] = [asked[1]!, asked[2]!];
  if (first === '') return last === '' ? undefined : lastBytes(Number(last), size);
  const [start, end] = [Number(first), last === '' ? Infinity : Number(last)];
  if (end < start) return undefined;
  return start < size ? { start, end: Math.min(end, size - 1) } : null;
}

function lastBytes(count: number, size: number): Span | null {
  return count > 0 && size > 0 ? { start: Math.max(0, size - count), end: size - 1 } : null;
}
