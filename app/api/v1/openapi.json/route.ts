// GET /api/v1/openapi.json: the API, described for programs.
import { openApiDocument } from '#api';
import { answer } from '../../../_server/problem';
import { version } from '../../../../package.json';

export const GET = () => answer(async () => Response.json(openApiDocument(version)));
