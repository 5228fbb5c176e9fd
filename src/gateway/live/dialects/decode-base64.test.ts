import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase64 } from './decode-base64.ts';

test('gives back the bytes of plain, unpadded and URL-safe base64', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const buffer = Buffer.from(bytes);
      const plain = buffer.toString('base64');
      for (const text of [plain, plain.replaceAll('=', ''), buffer.toString('base64url')]) {
        expect(Uint8Array.from(decodeBase64(text) ?? [0])).toEqual(bytes);
      }
    }),
  );
});

test.each([['a'], ['a b!'], ['abc$'], ['====='], ['ab=c'], ['YQ='], ['YWJj\n?']])('refuses %j', (text) => {
  expect(decodeBase64(text)).toBeUndefined();
});
