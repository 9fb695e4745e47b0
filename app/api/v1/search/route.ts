// GET and POST /api/v1/search: hits for words, for a known item, or (POST) for an uploaded picture.
import { asks } from '../../../_lib/query';
import { asParsed, parseQuery } from '../../../_server/parse';
import { HttpProblem } from '../../../_server/problem';
import { route } from '../../../_server/route';
import { runSearch } from '../../../_server/searching';
import { readForm, readPicture } from '../../../_server/upload';

export const GET = route('search', async ({ query }) => {
  const parsed = asParsed(query);
  if (!asks({ ...parsed.query, picture: undefined })) {
    throw new HttpProblem(400, 'Say what to search for: words in "q", or an item id in "like".');
  }
  return runSearch(parsed);
});

export const POST = route('searchByPicture', async ({ request }) => {
  const form = await readForm(request);
  const parsed = parseQuery([...form].filter(([name]) => name !== 'image'));
  return runSearch(parsed, await readPicture(form));
});
