// POST /api/v1/embeddings: vectors of texts.
import { embed } from '../../../_server/embedding';
import { route } from '../../../_server/route';
import { engine } from '../../../_server/services';

export const POST = route('embedTexts', ({ body: { texts } }) =>
  embed((model) => engine().encodeTexts(texts, model)),
);
