// What the headers of a request say, read as HTTP means them.

/** Whether a body says that it is of a type, whatever its parameters. */
export function isOfType(request: Request, type: string): boolean {
  const [said = ''] = (request.headers.get('Content-Type') ?? '').split(';', 1);
  return said.trim().toLowerCase() === type;
}

/** Whether the client has what an ETag (with its quotes) stands for already: then a 304 will do. */
export function isKnown(request: Request, etag: string): boolean {
  const known = request.headers.get('If-None-Match') ?? '';
  return known
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
    .some((each) => each === etag || each === '*');
}
