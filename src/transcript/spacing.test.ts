import { expect, test } from 'vitest';
import { joinTexts } from './spacing.ts';

test('texts are joined with one space, Chinese and Japanese with none, Korean with one', () => {
  expect(joinTexts(['One.', 'Two.'])).toBe('One. Two.');
  expect(joinTexts(['今天。', '明天。'])).toBe('今天。明天。');
  expect(joinTexts(['これは', 'ペンです'])).toBe('これはペンです');
  expect(joinTexts(['안녕', '하세요'])).toBe('안녕 하세요');
});

test('a change of script at CJK takes no space', () => {
  expect(joinTexts(['我用', 'Linux', '系统'])).toBe('我用Linux系统');
});

test('empty texts leave no trace', () => {
  expect(joinTexts(['', 'a', '', 'b', ''])).toBe('a b');
});
