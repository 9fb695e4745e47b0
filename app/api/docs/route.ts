// GET /api/docs: the API, described for people.
import { docsPage } from '../../_server/docs-page';
import { answer } from '../../_server/problem';
import { version } from '../../../package.json';

export const GET = (request: Request) =>
  answer(async () => {
    // The gate has set the policy of this page, and its nonce.
    const policy = request.headers.get('Content-Security-Policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' };
    return new Response(docsPage(version, nonce), { headers });
  });
