// POST /api/v1/embeddings/pictures: vectors of pictures.
import { embedPictures } from '#api';
import { embed } from '../../../../_server/embedding';
import { readFields } from '../../../../_server/fields';
import { route } from '../../../../_server/route';
import { engine } from '../../../../_server/services';
import { readForm, readFile } from '../../../../_server/upload';

export const POST = route('embedPictures', async ({ request }) => {
  const { image } = readFields(embedPictures, await readForm(request));
  const files: Uint8Array[] = [];
  for (const each of image) files.push(await readFile(each));
  return embed((model) => engine().encodeImages(files, model));
});
