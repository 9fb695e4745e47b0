// GET and POST /api/search: hits for words, for a known item, or (POST) for an uploaded picture.
import { asks } from '../../_lib/query';
import { parseQuery } from '../../_server/parse';
import { answer, HttpProblem } from '../../_server/problem';
import { runSearch } from '../../_server/searching';
import { readForm, readPicture } from '../../_server/upload';

export function GET(request: Request) {
  return answer(async () => {
    const parsed = parseQuery(new URL(request.url).searchParams);
    if (!asks({ ...parsed.query, picture: undefined })) {
      throw new HttpProblem(400, 'Say what to search for: words in "q", or an item id in "like".');
    }
    return Response.json(await runSearch(parsed));
  });
}

export function POST(request: Request) {
  return answer(async () => {
    const form = await readForm(request);
    const parsed = parseQuery([...form].filter(([name]) => name !== 'image'));
    return Response.json(await runSearch(parsed, await readPicture(form)));
  });
}
