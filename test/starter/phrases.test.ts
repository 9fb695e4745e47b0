// Phrases around names: articles, sentences, pairs and colours in each language.

import { expect, test } from 'vitest';
import {
  colouredOf,
  isShort,
  LANGUAGES,
  pairOf,
  sentencesOf,
  withArticle,
} from '../../scripts/starter/phrases';

test('articles follow the ending; plurals and names of places have none', () => {
  const with_ = (language: (typeof LANGUAGES)[number], names: string[]) =>
    names.map((name) => withArticle(language, name));
  expect(with_('en', ['umbrella', 'unicorn', 'grapes', 'flag of France', 'hot dog'])).toEqual([
    'an umbrella',
    'a unicorn',
    'grapes',
    'flag of France',
    'a hot dog',
  ]);
  expect(with_('es', ['perro', 'manzana roja', 'flor de cerezo', 'uvas'])).toEqual([
    'un perro',
    'una manzana roja',
    'una flor de cerezo',
    'uvas',
  ]);
  expect(with_('de', ['Hund', 'Katze', 'roter Apfel', 'Regenbogen'])).toEqual([
    'ein Hund',
    'eine Katze',
    'roter Apfel',
    'ein Regenbogen',
  ]);
  expect(with_('fr', ['chien', 'pomme rouge'])).toEqual(['un chien', 'une pomme rouge']);
  expect(with_('ja', ['猫'])).toEqual(['猫']);
});

test('measure words follow the ending of a Chinese noun', () => {
  const counted = [
    '黑猫',
    '热带鱼',
    '汽车',
    '直升机',
    '雨伞',
    '法国的旗帜',
    '向日葵',
    '水母',
    '男医生',
    '苹果',
  ];
  expect(counted.map((name) => withArticle('zh', name))).toEqual([
    '一只黑猫',
    '一条热带鱼',
    '一辆汽车',
    '一架直升机',
    '一把雨伞',
    '一面法国的旗帜',
    '一朵向日葵',
    '一个水母',
    '一位男医生',
    '一个苹果',
  ]);
});

test('sentences: as many as asked for, all with the name, none with a gap left', () => {
  for (const language of LANGUAGES) {
    const sentences = sentencesOf(language, 'Xyz', 4, 0.9);
    expect(new Set(sentences).size).toBe(4);
    expect(sentences.filter((one) => one.includes('Xyz') && !/[{}]/.test(one))).toEqual(sentences);
  }
  expect(sentencesOf('de', 'Hund', 1, 0)).toEqual(['ein Hund']);
});

test('pairs name both things in their order', () => {
  expect(pairOf('en', ['dog', 'apple'], 0)).toBe('a dog and an apple');
  expect(pairOf('zh', ['狗', '苹果'], 0)).toBe('狗和苹果');
  expect(pairOf('zh', ['狗', '苹果'], 0.9)).toBe('一只狗和一个苹果');
  for (const language of LANGUAGES) {
    expect(pairOf(language, ['Abc', 'Xyz'], 0.99)).toMatch(/Abc.*Xyz/);
  }
});

test('colours need a word in the language', () => {
  expect(colouredOf('es', 'perro', 'brown')).toBe('perro de color marrón');
  expect(colouredOf('ja', '猫', 'black')).toBe('黒の猫');
  expect(colouredOf('de', 'Hund', 'mauve')).toBeUndefined();
});

test('what is too long for a batch is left out, sooner where a character says more', () => {
  expect(isShort('a drawing of a dog')).toBe(true);
  expect(isShort('x'.repeat(47))).toBe(false);
  expect(isShort('猫'.repeat(16))).toBe(true);
  expect(isShort('猫'.repeat(17))).toBe(false);
});
