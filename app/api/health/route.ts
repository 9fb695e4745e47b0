// GET /api/health: whether the model and its indexes answer; for watchdogs, so it needs no token.
import { route } from '../../_server/route';
import { engine } from '../../_server/services';

export const GET = route('health', async () => {
  const ready = (await engine().status()).state === 'ready';
  return Response.json({ ready }, { status: ready ? 200 : 503 });
});
