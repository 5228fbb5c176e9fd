import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { melFilterBank } from './mel-filters.ts';
import { untilTestEnds } from '../testing/until-test-ends.ts';
import { openWhisperModel } from './open-model.ts';

const BUILT_IN = fileURLToPath(new URL('../../../../models/ggml-tiny.en-q8_0.bin', import.meta.url));

test('equals the filters that come with the built-in model', async () => {
  const model = await untilTestEnds(openWhisperModel(BUILT_IN));
  const filters = melFilterBank(80);
  expect(filters).toHaveLength(model.melFilters.length);
  const worst = filters.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (model.melFilters[index] ?? 0))),
    0,
  );
  expect(worst).toBeLessThan(1e-6);
});

test('gives every one of 128 filters some weight, and all the same area but for the coarse bins', () => {
  const filters = melFilterBank(128);
  for (let row = 0; row < 128; row++) {
    const area = filters.slice(row * 201, (row + 1) * 201).reduce((sum, value) => sum + value * 40, 0);
    expect(area).toBeGreaterThan(0.3);
    expect(area).toBeLessThan(1.8);
  }
});
