// In which writing captions are, by their letters. Which language it is, letters alone do not say.

/** Scripts by their Unicode names; kana is looked for before Han, which Japanese also uses. */
const SCRIPTS: [name: string, letters: RegExp][] = [
  ['Japanese (kana)', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['Chinese characters', /\p{Script=Han}/gu],
  ['Korean (Hangul)', /\p{Script=Hangul}/gu],
  ['Cyrillic', /\p{Script=Cyrillic}/gu],
  ['Greek', /\p{Script=Greek}/gu],
  ['Arabic', /\p{Script=Arabic}/gu],
  ['Hebrew', /\p{Script=Hebrew}/gu],
  ['Devanagari', /\p{Script=Devanagari}/gu],
  ['Bengali', /\p{Script=Bengali}/gu],
  ['Tamil', /\p{Script=Tamil}/gu],
  ['Thai', /\p{Script=Thai}/gu],
  ['Latin', /\p{Script=Latin}/gu],
];

/** The writing of a caption: the one with most of its letters, with Japanese told by any kana. */
export function writingOf(caption: string): string {
  let [best, most] = ['no letters', 0];
  for (const [name, letters] of SCRIPTS) {
    const count = caption.match(letters)?.length ?? 0;
    if (count > most) [best, most] = [name, count];
    if (count > 0 && name.startsWith('Japanese')) return name;
  }
  if (best !== 'no letters') return best;
  return /\p{L}/u.test(caption) ? 'another script' : 'no letters';
}

/** Shares of the captions by writing, the most frequent first. */
export function writings(captions: readonly string[]): { writing: string; share: number }[] {
  const counts = new Map<string, number>();
  for (const caption of captions) {
    const writing = writingOf(caption);
    counts.set(writing, (counts.get(writing) ?? 0) + 1);
  }
  return [...counts]
    .map(([writing, count]) => ({ writing, share: count / captions.length }))
    .sort((a, b) => b.share - a.share);
}
