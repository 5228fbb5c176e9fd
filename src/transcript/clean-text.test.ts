import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanText } from './clean-text.ts';
import { wildText } from './testing/made-transcripts.ts';

test('line breaks, tabs, NUL and their like become one space; ends are trimmed', () => {
  expect(cleanText(' a\r\n\r\nb\u2028c\u0000d\u0085e\tf ')).toBe('a b c d e f');
});

test('a lone surrogate becomes U+FFFD; a pair stays', () => {
  expect(cleanText('a\uD83D b 👍')).toBe('a\uFFFD b 👍');
});

test('cleaning twice changes nothing, and no line break is ever left', () => {
  fc.assert(
    fc.property(wildText, (text) => {
      const clean = cleanText(text);
      expect(cleanText(clean)).toBe(clean);
      expect(clean).not.toMatch(/[\n\r\0]| {2}|^ | $/);
    }),
  );
});
