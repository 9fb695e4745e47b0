// GET /api/v1/failures: files that could not be used, with the reason.
import { route } from '../../../_server/route';
import { catalog } from '../../../_server/services';

export const GET = route('failures', async ({ query }) => {
  const { files } = await catalog();
  return { total: await files.countFailed(), failures: files.failures(query) };
});
