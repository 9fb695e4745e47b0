// Whether pictures may be mirrored: not where captions name sides, or letters that a mirror garbles.

/** Words of languages that put spaces between them; a `*` stands for any ending. */
const WORDS: Record<string, string> = {
  en: 'left leftmost leftward* left-hand right rightmost rightward* right-hand clockwise counterclockwise anticlockwise east west letter letters lettering text word words writing written sign signs logo inscription alphabet digit digits numeral*',
  de: 'links linke linker linken linkes linkem rechts rechte rechter rechten rechtes rechtem linksherum rechtsherum buchstabe* schrift schriftzug text wort wörter schild aufschrift ziffer*',
  fr: 'gauche droite lettre lettres texte mot mots écriture panneau inscription chiffre*',
  es: 'izquierda izquierdo derecha derecho letra letras texto palabra* letrero inscripción cifra*',
  pt: 'esquerda esquerdo direita direito letra letras texto palavra* placa inscrição',
  it: 'sinistra sinistro destra destro lettera lettere testo parola parole scritta cartello',
  nl: 'links linker linkerkant rechts rechter rechterkant letter letters tekst woord woorden bord opschrift',
  sv: 'vänster vänstra höger högra bokstav* text ord skylt',
  da: 'venstre højre bogstav* tekst ord skilt',
  no: 'venstre høyre bokstav* tekst ord skilt',
  fi: 'vasen vasem* oikea oikeal* kirjain kirjaim* teksti sana*',
  pl: 'lewo lewa lewy lewej lewą prawo prawa prawy prawej prawą litera litery tekst słowo napis znak',
  cs: 'vlevo levá levý levé vpravo pravá pravý pravé písmen* text slovo nápis',
  tr: 'sol solda soldaki sağ sağda sağdaki harf* metin yazı kelime*',
  id: 'kiri kanan huruf teks tulisan kata',
  vi: 'trái phải chữ',
  ru: 'слева лев* справа прав* букв* текст* слово слова надпись надписи',
  uk: 'зліва ліворуч лів* справа праворуч прав* літер* текст* слово напис*',
  el: 'αριστερ* δεξι* γράμμα γράμματα κείμενο',
  ar: 'يسار اليسار يمين اليمين حرف حروف نص كلمة',
  he: 'שמאל ימין אות אותיות טקסט מילה',
  hi: 'बाएँ बाएं बायाँ दाएँ दाएं दायाँ अक्षर पाठ शब्द',
};

/** Scripts without spaces: found anywhere in a caption. */
const ANYWHERE = [
  '左',
  '右',
  '字',
  '文本',
  '왼쪽',
  '오른쪽',
  '글자',
  '문자',
  'ซ้าย',
  'ขวา',
  'ตัวอักษร',
];

/** Not inside a longer word of any script. */
const SIDES = new RegExp(
  `(?<![\\p{L}\\p{M}])(${Object.values(WORDS)
    .join(' ')
    .split(' ')
    .map((word) => word.replace('*', '[\\p{L}\\p{M}]*'))
    .join('|')})(?![\\p{L}\\p{M}])|${ANYWHERE.join('|')}`,
  'iu',
);

/** Whether a mirrored picture may no longer be what the caption says. */
export function namesSide(caption: string): boolean {
  return SIDES.test(caption);
}

/** Longer captions are cut where they are quoted. */
const QUOTED = 40;

/** What a run does about mirroring, and why. */
export interface FlipDecision {
  flip: boolean;
  reason: string;
}

/** `wanted` decides where given; else pictures are mirrored if no caption names a side or letters. */
export function decideFlip(captions: readonly string[], wanted: boolean | undefined): FlipDecision {
  if (wanted !== undefined) {
    return { flip: wanted, reason: wanted ? 'as asked for' : 'off, as asked for' };
  }
  const naming = captions.filter(namesSide);
  if (naming.length === 0) return { flip: true, reason: 'no caption names a side or letters' };
  const short = (caption: string) =>
    caption.length > QUOTED ? `${caption.slice(0, QUOTED - 1)}…` : caption;
  const examples = naming.slice(0, 3).map((caption) => JSON.stringify(short(caption)));
  const count = `${naming.length} of ${captions.length} captions`;
  return { flip: false, reason: `${count} name a side or letters: ${examples.join(', ')}` };
}
