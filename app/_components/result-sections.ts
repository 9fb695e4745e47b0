// How hits are put under headings: what is related and what is probably not, or the months they were taken in.
import { formatFor } from '../_lib/format';
import type { Language } from '../_lib/language';
import type { Query } from '../_lib/query';
import type { ListedHit } from '../_lib/results';
import type { messages } from './messages';

type Text = (typeof messages)['en'];

export interface Section {
  key: string;
  kind: 'boundary' | 'month';
  heading: string | null;
  hits: ListedHit[];
}

/** Hits in their order, cut where the heading changes. */
export function resultSections(
  hits: readonly ListedHit[],
  { sort }: Query,
  text: Text,
  language: Language,
): Section[] {
  const sections: Section[] = [];
  // Where nothing is related, a notice above all says so.
  const anyRelated = hits.some(({ related }) => related);
  for (const hit of hits) {
    const heading = sort === 'relevance' ? boundary(hit, anyRelated) : month(hit);
    const last = sections.at(-1);
    if (last && last.heading === heading) last.hits.push(hit);
    else {
      const kind = sort === 'relevance' ? 'boundary' : 'month';
      sections.push({ key: heading ?? 'first', kind, heading, hits: [hit] });
    }
  }
  return sections;

  function boundary({ related }: ListedHit, cut: boolean): string | null {
    return related || !cut ? null : text.unrelated;
  }

  function month({ takenAt }: ListedHit): string {
    return takenAt === null ? text.undated : formatFor(language).month(takenAt);
  }
}

/** The query as a heading. */
export function resultTitle(query: Query, text: Text): string {
  const { words, like, picture, in: target, not } = query;
  const { title } = text;
  const pictures = like.length + (picture === undefined ? 0 : 1);
  const likes = pictures > 1 ? title.likeThese[target] : title.likeThis[target];
  const kind = title.kinds[target];
  const wanted =
    pictures === 0 ? title.for(kind, words) : words === '' ? likes : title.with(likes, words);
  return title.without(
    wanted,
    not.map((term) => term.words),
  );
}
