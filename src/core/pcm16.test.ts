import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromPcm16, toPcm16 } from './pcm16.ts';

test('16 bits come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -32_768, max: 32_767 })), (values) => {
      const pcm = Int16Array.from(values);
      expect(toPcm16(fromPcm16(pcm))).toEqual(pcm);
    }),
  );
});

test('rounding moves no sample by more than half a step, and cuts off what is too loud', () => {
  fc.assert(
    fc.property(fc.double({ min: -1, max: 32_767 / 32_768, noNaN: true }), (value) => {
      const [back = NaN] = fromPcm16(toPcm16(Float32Array.of(value)));
      expect(Math.abs(back - value)).toBeLessThanOrEqual(0.5 / 32_768 + 1e-7);
    }),
  );
  expect([...toPcm16(Float32Array.of(-2, -1, 1, 2))]).toEqual([-32_768, -32_768, 32_767, 32_767]);
});
