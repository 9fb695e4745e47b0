// PUT /api/v1/uploads/{name}: keeps a picture in the data folder.
import { route } from '../../../../_server/route';
import { keepUpload } from '../../../../_server/uploads';

export const PUT = route('upload', ({ request, params, query }) =>
  keepUpload(params.name ?? '', query.collection, request),
);
