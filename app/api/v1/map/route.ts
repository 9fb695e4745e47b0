// GET /api/v1/map: all pictures in two dimensions.
import { pictureMap } from '../../../_server/map';
import { route } from '../../../_server/route';

export const GET = route('map', () => pictureMap());
