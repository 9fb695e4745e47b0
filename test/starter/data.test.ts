// What the starter data builder decides: who is held out, what pictures are called, which colour they have.

import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { captionsOf } from '../../scripts/starter/captions';
import { categoryOf } from '../../scripts/starter/categories';
import { colourOf, colourWord, namesColour } from '../../scripts/starter/colours';
import { conceptId, isHeldOut, splitOf, type Concept } from '../../scripts/starter/concepts';
import { flagId, render, SIDE } from '../../scripts/starter/drawings';
import { iconSets, vendors } from '../../scripts/starter/sources';

const concept = (change: Partial<Concept>): Concept => ({
  id: '1f408',
  words: [{ language: 'en', name: 'cat', keywords: ['animal', 'pet'] }],
  subgroup: 'animal-mammal',
  heldOut: false,
  ...change,
});

describe('splits', () => {
  test('a tenth of the concepts is held out', () => {
    const ids = Array.from({ length: 5000 }, (_, at) => (0x1f000 + at).toString(16));
    const share = ids.filter(isHeldOut).length / ids.length;
    expect(share).toBeGreaterThan(0.085);
    expect(share).toBeLessThan(0.115);
  });

  test('person, man and woman share a draw', () => {
    for (const job of ['1f373', '1f680', '2695', '1f3a8', '1f52c', '1f692', '2696']) {
      const draws = ['1f9d1', '1f468', '1f469'].map((who) => isHeldOut(`${who}-200d-${job}`));
      expect(new Set(draws).size).toBe(1);
    }
    for (const person of ['1f3c3', '1f926', '1f9d8', '1f938']) {
      const ids = [person, `${person}-200d-2640`, `${person}-200d-2642`];
      expect(new Set(ids.map(isHeldOut)).size).toBe(1);
    }
  });

  test('a held-out vendor is never trained on, nor is a held-out concept', () => {
    for (const vendor of vendors) {
      const held = splitOf(concept({ heldOut: true }), vendor);
      const set = vendor.heldOut === 'validation' ? undefined : vendor.heldOut;
      expect(held).toBe(set ?? 'heldout-concepts');
      const seen = splitOf(concept({}), vendor);
      expect(seen).toBe(vendor.heldOut ?? 'train');
    }
  });

  test('only sets whose licence lets weights be shipped are trained on', () => {
    const drawn = [...vendors.filter((vendor) => !vendor.heldOut), ...iconSets];
    const licences = new Set(drawn.map(({ licence }) => licence));
    expect([...licences].sort()).toEqual([
      'Apache-2.0',
      'CC-BY-3.0',
      'CC-BY-4.0',
      'CC0-1.0',
      'ISC',
      'MIT',
      'OFL-1.1',
      'free for any use',
    ]);
  });
});

test('code points lose the variation selector, flags get theirs from country codes', () => {
  expect(conceptId('1F441-FE0F-200D-1F5E8-FE0F')).toBe('1f441-200d-1f5e8');
  expect(flagId('fr-4x3')).toBe('1f1eb-1f1f7');
  expect(flagId('gb-sct')).toBe('1f3f4-e0067-e0062-e0073-e0063-e0074-e007f');
  expect(flagId('european-union')).toBeUndefined();
  expect(flagId('fr-1x1')).toBeUndefined();
});

describe('captions', () => {
  test('the English name first; keywords, sentences, category and colour; none twice', () => {
    const captions = captionsOf(concept({}), { colour: 'orange', broader: ['feline'] });
    expect(captions.slice(0, 3)).toEqual(['cat', 'animal', 'pet']);
    expect(captions).toEqual(
      expect.arrayContaining(['cat, animal', 'mammal', 'feline', 'orange cat']),
    );
    expect(captions.filter((caption) => / a cat/.test(caption)).length).toBeGreaterThan(0);
    expect(new Set(captions).size).toBe(captions.length);
  });

  test('other languages have their own names, keywords, sentences and colours', () => {
    const words: Concept['words'] = [
      { language: 'en', name: 'cat', keywords: ['pet'] },
      { language: 'zh', name: '猫', keywords: ['宠物'] },
      { language: 'de', name: 'Katze', keywords: ['Haustier'] },
    ];
    const captions = captionsOf(concept({ words }), { colour: 'gray', broader: [] });
    expect(captions).toEqual(
      expect.arrayContaining(['猫', '宠物', '灰色的猫', 'Katze', 'Haustier', 'Katze in Grau']),
    );
    const german = captions.filter((caption) => caption.includes('Katze'));
    expect(german.length).toBeGreaterThan(4);
  });

  test('a colour goes with things that have one, and not twice into a name', () => {
    const apple = concept({
      words: [{ language: 'en', name: 'red apple', keywords: ['fruit'] }],
      subgroup: 'food-fruit',
    });
    const captions = captionsOf(apple, { colour: 'red', broader: [] });
    expect(captions).toContain('a red fruit');
    expect(captions).not.toContain('red red apple');
    const car = concept({
      words: [{ language: 'en', name: 'automobile', keywords: ['driving', 'car'] }],
      subgroup: 'transport-ground',
    });
    expect(captionsOf(car, { colour: 'red', broader: [], otherName: 'car' })).toEqual(
      expect.arrayContaining(['red automobile', 'red car', 'a red car', 'red vehicle']),
    );
    const church = concept({ subgroup: 'place-religious' });
    expect(captionsOf(church, { colour: 'red', broader: [] }).join()).not.toContain('red');
  });

  test('faces are asked for by what they express', () => {
    const face = concept({
      words: [{ language: 'en', name: 'crying face', keywords: ['sad', 'tear'] }],
      subgroup: 'face-concerned',
    });
    expect(captionsOf(face, { colour: 'yellow', broader: [] })).toContain('sad face');
  });

  test('a surprised face is not a sad one; an unknown subgroup is an error', () => {
    expect(categoryOf('face-concerned', 'hushed face').noun).toBe('surprised face');
    expect(() => categoryOf('food-insect', 'cricket')).toThrow('food-insect');
  });
});

describe('colours', () => {
  test('everyday words', () => {
    const word = { red: [220, 30, 30], brown: [120, 70, 30], gray: [140, 140, 145] } as const;
    for (const [name, [r, g, b]] of Object.entries(word)) expect(colourWord(r, g, b)).toBe(name);
    expect(colourWord(30, 90, 220)).toBe('blue');
    expect(colourWord(250, 250, 250)).toBe('white');
    expect(colourWord(250, 160, 200)).toBe('pink');
    expect(namesColour('red apple')).toBe(true);
    expect(namesColour('tired face')).toBe(false);
  });

  test('the drawing is looked at, not its transparent background', async () => {
    const svg = (fill: string) =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">` +
          `<rect x="5" y="5" width="10" height="10" fill="${fill}"/></svg>`,
      );
    const picture = await render(svg('#2040e0'));
    const { width, height, hasAlpha } = await sharp(picture).metadata();
    expect([width, height, hasAlpha]).toEqual([SIDE, SIDE, true]);
    expect(await colourOf(picture)).toBe('blue');
    expect(await colourOf(await render(svg('none')))).toBeUndefined();
  });

  test('a body with windows and wheels has the colour of the body; gray beside others is no colour', async () => {
    const parts = (...fills: string[]) =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">` +
          fills
            .map((fill, at) => `<path fill="${fill}" d="M0 ${10 * at}h100v10h-100z"/>`)
            .join('') +
          '</svg>',
      );
    const red = ['#d22', '#d22', '#d22', '#d22'];
    const windows = ['#28c', '#28c', '#222', '#222', '#999', '#fff'];
    expect(await colourOf(await render(parts(...red, ...windows)))).toBe('red');
    const gray = ['#999', '#999', '#999', '#999'];
    const blue = ['#28c', '#28c', '#222', '#222', '#d22', '#fff'];
    expect(await colourOf(await render(parts(...gray, ...blue)))).toBeUndefined();
    const two = ['#d22', '#d22', '#d22', '#d22', '#28c', '#28c', '#28c', '#222', '#222', '#fff'];
    expect(await colourOf(await render(parts(...two)))).toBeUndefined();
  });
});
