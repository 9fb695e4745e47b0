// The languages of the interface, and how one is chosen for a visitor. What is said in them stands beside what says it.

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What each language calls itself, for the switch. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', zh: '中文' };

/** Where a choice made with the switch is kept. */
export const LANGUAGE_COOKIE = 'bifocal-language';

/** The same messages in every language: strings, or functions that put numbers and names into one. */
export type Messages<T> = Record<Language, T>;

/** Ties a translation to the shape of the English messages. */
export function defineMessages<T>(en: T, zh: NoInfer<T>): Messages<T> {
  return { en, zh };
}

/**
 * The language for a visitor: the one chosen here before, else the one that the browser likes best
 * among ours, else English.
 * @param accepted - the Accept-Language header
 */
export function chooseLanguage(chosen: string | undefined, accepted: string | null): Language {
  const known = LANGUAGES.find((language) => language === chosen);
  if (known !== undefined) return known;
  const wishes = (accepted ?? '').split(',').map((wish) => {
    const [tag = '', quality] = wish.trim().split(';q=');
    return { tag: tag.toLowerCase(), quality: quality === undefined ? 1 : Number(quality) };
  });
  wishes.sort((one, other) => other.quality - one.quality);
  const spoken = wishes.flatMap(({ tag }) =>
    LANGUAGES.filter((language) => tag === language || tag.startsWith(`${language}-`)),
  );
  return spoken[0] ?? 'en';
}
