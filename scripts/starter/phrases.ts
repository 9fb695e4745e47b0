// Sentences and joined phrases in each language, around names that CLDR gives. A table and its small engine.

import { measureWord } from './measure-words';

/** The languages of the captions, as CLDR names them; the first gives the names that the held-out sets are asked by. */
export const LANGUAGES = ['en', 'zh', 'es', 'de', 'fr', 'ja'] as const;

export type Language = (typeof LANGUAGES)[number];

/** `{}` is a name; `{a}` a name with its indefinite article or measure word, where the language has them. */
interface Phrases {
  sentences: readonly string[];
  /** Two things in one picture: `{1}` and `{2}` are names, `{a1}` and `{a2}` names with their articles. */
  pairs: readonly string[];
  /** `{}` in a colour, `{colour}`, without inflecting either. */
  coloured: string;
}

const phrases: Record<Language, Phrases> = {
  en: {
    sentences: [
      '{a}',
      'a picture of {a}',
      'a photo of {a}',
      'a drawing of {a}',
      'there is {a} in the picture',
      'this is {a}',
      'an image that shows {a}',
      '{} on a plain background',
      'a close-up of {a}',
      'an illustration of {a}',
    ],
    pairs: ['{a1} and {a2}', '{a1} next to {a2}', '{a1} with {a2}', 'a picture of {a1} and {a2}'],
    coloured: '{colour} {}',
  },
  zh: {
    sentences: [
      '{a}',
      '{}的图片',
      '一张{}的照片',
      '{}的图画',
      '图片里有{}',
      '这是{a}',
      '一幅{}的插图',
      '画面中有{a}',
    ],
    pairs: ['{1}和{2}', '{1}旁边有{a2}', '图片里有{1}和{2}', '{a1}和{a2}'],
    coloured: '{colour}的{}',
  },
  es: {
    sentences: [
      '{a}',
      'una imagen de {a}',
      'una foto de {a}',
      'un dibujo de {a}',
      'en la imagen se ve {a}',
      'esto es {a}',
      '{} sobre un fondo liso',
      'una ilustración de {a}',
    ],
    pairs: ['{a1} y {a2}', '{a1} junto a {a2}', '{a1} con {a2}', 'una imagen de {a1} y {a2}'],
    coloured: '{} de color {colour}',
  },
  de: {
    sentences: [
      '{a}',
      'ein Bild von: {}',
      'ein Foto, auf dem {a} zu sehen ist',
      'eine Zeichnung: {}',
      'auf dem Bild ist {a}',
      'das ist {a}',
      '{} vor einem schlichten Hintergrund',
      'hier sieht man {}',
    ],
    pairs: ['{a1} und {a2}', '{a1} neben: {a2}', '{a1} mit: {a2}', 'auf dem Bild: {a1} und {a2}'],
    coloured: '{} in {colour}',
  },
  fr: {
    sentences: [
      '{a}',
      'une image : {}',
      'une photo qui montre {a}',
      'un dessin de {a}',
      'sur l’image on voit {a}',
      'c’est {a}',
      '{} sur un fond uni',
      'une illustration de {a}',
    ],
    pairs: ['{a1} et {a2}', '{a1} à côté de {a2}', '{a1} avec {a2}', 'une image de {a1} et {a2}'],
    coloured: '{} de couleur {colour}',
  },
  ja: {
    sentences: [
      '{}の写真',
      '{}の絵',
      '{}のイラスト',
      'これは{}です',
      '{}が写っています',
      '一つの{}',
      '画像に{}があります',
    ],
    pairs: ['{a1}と{a2}', '{a1}の隣に{a2}', '{a1}と{a2}の絵'],
    coloured: '{colour}の{}',
  },
};

/** The colour words of colours.ts, as they stand in `coloured`. */
const colours: Record<string, Record<Exclude<Language, 'en'>, string>> = {
  red: { zh: '红色', es: 'rojo', de: 'Rot', fr: 'rouge', ja: '赤' },
  orange: { zh: '橙色', es: 'naranja', de: 'Orange', fr: 'orange', ja: 'オレンジ' },
  yellow: { zh: '黄色', es: 'amarillo', de: 'Gelb', fr: 'jaune', ja: '黄色' },
  green: { zh: '绿色', es: 'verde', de: 'Grün', fr: 'verte', ja: '緑' },
  blue: { zh: '蓝色', es: 'azul', de: 'Blau', fr: 'bleue', ja: '青' },
  purple: { zh: '紫色', es: 'morado', de: 'Violett', fr: 'violette', ja: '紫' },
  pink: { zh: '粉色', es: 'rosa', de: 'Rosa', fr: 'rose', ja: 'ピンク' },
  brown: { zh: '棕色', es: 'marrón', de: 'Braun', fr: 'marron', ja: '茶色' },
  black: { zh: '黑色', es: 'negro', de: 'Schwarz', fr: 'noire', ja: '黒' },
  white: { zh: '白色', es: 'blanco', de: 'Weiß', fr: 'blanche', ja: '白' },
  gray: { zh: '灰色', es: 'gris', de: 'Grau', fr: 'grise', ja: 'グレー' },
};

/** Names that take no article: plurals, proper names, and what begins with a numeral or an article itself. */
const BARE: Partial<Record<Language, RegExp>> = {
  en: /s$|^flag of|^[A-Z\d]|^keycap/,
  es: /s$|^bandera|^[A-Z\d]|s /,
  de: /^Flagge|^[^A-ZÄÖÜ]/,
  fr: /s$|^drapeau|^[A-Z\d]|s /,
};

/** Whether a name is probably feminine, by its ending; names of the language's grammar that no table here holds. */
const FEMININE: Partial<Record<Language, RegExp>> = {
  es: /^\S*(a|ción|sión|dad|umbre|nariz|flor|mano|luz|cruz|llave|nieve|nube|leche|carne|torre)$/,
  fr: /^\S*([^gl]e|tion|sion|té|fleur|main|dent|maison|souris|fourmi|noix|croix)$/,
  de: /(e|ung|heit|keit|schaft|tion|frau|hand|uhr|kuh|maus|gans|nuss|bahn|burg|wurst|milch|tür|stadt|ente)$/i,
};

/** "apple" → "an apple", "perro" → "un perro", "狗" → "一只狗": by endings alone, so that some are wrong. */
export function withArticle(language: Language, name: string): string {
  if (language === 'zh') return `一${measureWord(name)}${name}`;
  if (BARE[language]?.test(name)) return name;
  const head = language === 'de' ? name : (name.split(' ')[0] ?? name);
  const feminine = FEMININE[language]?.test(head) === true;
  if (language === 'en') return `${/^([aeio]|u(?!ni|s))/.test(name) ? 'an' : 'a'} ${name}`;
  if (language === 'es' || language === 'fr') {
    return `${feminine ? (language === 'es' ? 'una' : 'une') : 'un'} ${name}`;
  }
  // An adjective before the noun ends as its article would: "roter Apfel", "rote Rose".
  if (language === 'de' && /^[A-ZÄÖÜ][\p{L}-]*$/u.test(name)) {
    return `${feminine ? 'eine' : 'ein'} ${name}`;
  }
  return name;
}

/** `count` different sentences about a name, those that `pick` (0 to 1) begins with. */
export function sentencesOf(
  language: Language,
  name: string,
  count: number,
  pick: number,
): string[] {
  const { sentences } = phrases[language];
  const first = Math.floor(pick * sentences.length);
  return Array.from({ length: Math.min(count, sentences.length) }, (_, at) =>
    sentences[(first + at) % sentences.length]!.replace('{a}', withArticle(language, name)).replace(
      '{}',
      name,
    ),
  );
}

/** One phrase that names two things. */
export function pairOf(
  language: Language,
  [first, second]: [string, string],
  pick: number,
): string {
  const { pairs } = phrases[language];
  return pairs[Math.floor(pick * pairs.length)]!.replace('{a1}', withArticle(language, first))
    .replace('{a2}', withArticle(language, second))
    .replace('{1}', first)
    .replace('{2}', second);
}

/** A name in a colour; `undefined` for a colour without a word. */
export function colouredOf(language: Language, name: string, colour: string): string | undefined {
  const word = language === 'en' ? colour : colours[colour]?.[language];
  return word && phrases[language].coloured.replace('{}', name).replace('{colour}', word);
}

/** Captions of more characters than these would make whole batches long; ideographs say more each. */
const LONGEST = 46;
const LONGEST_IDEOGRAPHS = 16;

/** Whether a caption is short enough to be trained on. */
export function isShort(caption: string): boolean {
  const ideographs = /[\u3040-\u30ff\u3400-\u9fff]/.test(caption);
  return caption.length <= (ideographs ? LONGEST_IDEOGRAPHS : LONGEST);
}
