// GET /api/v1/models: the models of this installation.
import { listModels } from '../../../_server/models';
import { route } from '../../../_server/route';

export const GET = route('models', () => listModels());
