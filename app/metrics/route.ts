// GET /metrics: figures of this server for Prometheus.
import { exposition } from '../_server/metrics';
import { answer } from '../_server/problem';

export const GET = () =>
  answer(async () => {
    const { text, type } = await exposition();
    return new Response(text, { headers: { 'Content-Type': type } });
  });
