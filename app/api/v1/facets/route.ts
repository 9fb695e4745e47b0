// GET /api/v1/facets: how many pictures of each kind satisfy a filter.
import { facetCounts } from '../../../_server/facets';
import { toFilter } from '../../../_server/parse';
import { route } from '../../../_server/route';

export const dynamic = 'force-dynamic';

export const GET = route('facets', ({ query }) => facetCounts(toFilter(query)));
