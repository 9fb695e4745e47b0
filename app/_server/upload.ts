// Reads an uploaded picture, bounded in bytes and in pixels before anything decodes it.
import { MAX_UPLOAD_MEGABYTES } from '#limits';
import { openPicture, type Picture } from '#picture';
import { isOfType } from './headers';
import { HttpProblem } from './problem';

const MAX_BYTES = MAX_UPLOAD_MEGABYTES * 1_000_000;
/** What the other fields and the boundaries of a form may take. */
const FORM_OVERHEAD = 64_000;

/** The fields of a multipart form. Throws a 413 as soon as it is longer than a picture may be. */
export async function readForm(request: Request): Promise<FormData> {
  const type = request.headers.get('Content-Type') ?? '';
  if (!isOfType(request, 'multipart/form-data') || request.body === null) {
    throw new HttpProblem(415, 'Send the picture as multipart/form-data, in the field "image".');
  }
  const limit = MAX_BYTES + FORM_OVERHEAD;
  const tooLarge = new HttpProblem(413, `A picture may have ${MAX_UPLOAD_MEGABYTES} MB.`);
  if (Number(request.headers.get('Content-Length')) > limit) throw tooLarge;

  let bytes = 0;
  const counted = request.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > limit) controller.error(tooLarge);
        else controller.enqueue(chunk);
      },
    }),
  );
  try {
    return await new Response(counted, { headers: { 'Content-Type': type } }).formData();
  } catch {
    throw bytes > limit ? tooLarge : new HttpProblem(400, 'The form is malformed.');
  }
}

/** The bytes of the picture in a form's field "image". Throws a 4xx if it is none or too large. */
export async function readPicture(form: FormData): Promise<Uint8Array> {
  const field = form.get('image');
  if (!(field instanceof File)) {
    throw new HttpProblem(400, 'Send the picture as multipart/form-data, in the field "image".');
  }
  return readFile(field);
}

/** The bytes of a picture that was sent as a file. Throws a 4xx if it is none or too large. */
export async function readFile(file: Blob): Promise<Uint8Array> {
  const name = file instanceof File ? file.name : 'The file';
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.byteLength > MAX_BYTES) {
    throw new HttpProblem(413, `A picture may have ${MAX_UPLOAD_MEGABYTES} MB.`);
  }
  await readHeader(bytes, name);
  return bytes;
}

/** What a picture that was sent says of itself. Throws a 422 with the reason if it is none that can be used. */
export async function readHeader(source: string | Uint8Array, name: string): Promise<Picture> {
  try {
    return await openPicture(source);
  } catch (cause) {
    const { name: kind, message } = cause as Error;
    if (kind !== 'ImageError') throw cause;
    throw new HttpProblem(422, `${name} cannot be read: ${message}.`, { cause });
  }
}
