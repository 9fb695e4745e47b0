// GET /api/v1/map/pictures: names and addresses of some pictures.
import { picturesOf } from '../../../../_server/map';
import { route } from '../../../../_server/route';

export const GET = route('mapPictures', ({ query }) => picturesOf(query.ids));
