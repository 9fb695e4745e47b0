// Which languages captions are in: a guess, from sequences of letters.

export interface LanguageShare {
  /** ISO 639-1; `null` for captions that are too short to tell. */
  language: string | null;
  share: number;
}

/** Captions that are looked at, evenly spread. */
const SAMPLE = 5000;

/** How much a caption's better scores count; and rounds, after which shares hardly change. */
const SHARPNESS = 8;
const ROUNDS = 20;

/** Smaller shares are of misread captions. */
const LEAST = 0.02;

/**
 * Shares of the captions by language, the most frequent first. A short caption alone is often misread,
 * so the shares are those that explain all captions together best: a mixture, fitted by expectation
 * and maximisation (Dempster et al. 1977), with a caption's scores for its likelihoods.
 */
export async function languageShares(captions: readonly string[]): Promise<LanguageShare[]> {
  if (captions.length === 0) return [];
  // Its tables take a moment to load.
  const { eld } = await import('eld/small');
  const looked = Math.min(captions.length, SAMPLE);
  const told: [language: string, likelihood: number][][] = [];
  for (let index = 0; index < looked; index++) {
    const caption = captions[Math.floor((index * captions.length) / looked)]!;
    const scores = Object.entries(eld.detect(caption).getScores());
    if (scores.length > 0) told.push(scores.map(([name, score]) => [name, score ** SHARPNESS]));
  }
  const shares = [...mixture(told)].map(([language, share]): LanguageShare => ({
    language,
    share: (share * told.length) / looked,
  }));
  const rest: LanguageShare = { language: null, share: 1 - told.length / looked };
  return [...shares, rest].filter(({ share }) => share >= LEAST).sort((a, b) => b.share - a.share);
}

function mixture(told: readonly (readonly [string, number])[][]): Map<string, number> {
  let shares = new Map(told.flat().map(([language]) => [language, 1]));
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Map<string, number>();
    for (const scores of told) {
      const weights = scores.map(([name, likelihood]) => (shares.get(name) ?? 0) * likelihood);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      scores.forEach(([name], index) => {
        const share = weights[index]! / (total * told.length);
        if (share > 0) next.set(name, (next.get(name) ?? 0) + share);
      });
    }
    shares = next;
  }
  return shares;
}
