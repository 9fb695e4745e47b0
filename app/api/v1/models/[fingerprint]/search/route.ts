// GET /api/v1/models/{fingerprint}/search: pictures for words, by a model that need not serve.
import { route } from '../../../../../_server/route';
import { searchWith } from '../../../../../_server/side-engine';

export const GET = route('searchModel', ({ params, query }) =>
  searchWith(params.fingerprint ?? '', query),
);
