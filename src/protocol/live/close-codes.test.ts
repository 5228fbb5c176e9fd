import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLOSE_CODES, closeCodeOf, closeReason, MAX_REASON_BYTES } from './close-codes.ts';

test('no code stands for two things, and no error ends in two ways', () => {
  const codes = CLOSE_CODES.map(({ code }) => code);
  const errors = CLOSE_CODES.flatMap((one) => one.errors);
  expect(new Set(codes).size).toBe(codes.length);
  expect(new Set(errors).size).toBe(errors.length);
});

test('an error that the table does not name is the server’s', () => {
  expect(closeCodeOf('cancelled')).toBe(1011);
  expect(closeCodeOf('session-idle')).toBe(4408);
});

test('a reason fits behind the code, whatever it holds, and is the beginning of its text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const reason = closeReason(text);
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(MAX_REASON_BYTES);
      expect(text.startsWith(reason)).toBe(true);
      expect(reason.length >= Math.min(text.length, MAX_REASON_BYTES / 4 - 1)).toBe(true);
    }),
  );
});
