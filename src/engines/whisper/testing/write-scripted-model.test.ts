import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWhisperModel } from '../model/open-model.ts';
import { tempFolder } from './temp-folder.ts';
import { untilTestEnds } from './until-test-ends.ts';
import { writeScriptedModel } from './write-scripted-model.ts';

/** Layer norm over `vector`, then scale: the decoder's last step before the scores, with no bias. */
function normalised(vector: Float32Array, scale: Float32Array): Float32Array {
  const mean = vector.reduce((sum, value) => sum + value, 0) / vector.length;
  const deviation = Math.sqrt(vector.reduce((sum, value) => sum + (value - mean) ** 2, 0) / vector.length + 1e-5);
  return vector.map((value, index) => ((value - mean) / deviation) * (scale[index] ?? 0));
}

test.each([
  ['English-only ggml', false, 'ggml'],
  ['multilingual Hugging Face', true, 'huggingface'],
] as const)('a scripted %s model says its script at near certainty', async (_, multilingual, format) => {
  const folder = await untilTestEnds(tempFolder());
  const path = join(folder.path, 'scripted.bin');
  const script = [300, 411, 256, 50_000, 90];
  const shape = await writeScriptedModel({
    path,
    multilingual,
    format,
    script,
    promptLength: 3,
    within: new Map([[0, 50_300]]),
    shape: { audioContext: 20, textContext: 12 },
  });
  const model = await untilTestEnds(openWhisperModel(path));
  expect(model.shape).toEqual(shape);
  const [embedding, positions, scale] = await Promise.all(
    ['decoder.token_embedding.weight', 'decoder.positional_embedding', 'decoder.ln.weight'].map((name) =>
      model.tensor(name),
    ),
  );
  const state = shape.textState;
  const row = (data: Float32Array | undefined, index: number): Float32Array =>
    data?.subarray(index * state, (index + 1) * state) ?? new Float32Array(0);
  const said = Array.from({ length: 9 }, (_unused, position) => {
    const token = row(embedding?.data, 1234 + position);
    const place = row(positions?.data, position);
    const vector = normalised(
      token.map((value, index) => value + (place[index] ?? 0)),
      scale?.data ?? new Float32Array(0),
    );
    const scores = Array.from({ length: shape.vocabulary }, (_token, id) => {
      const other = row(embedding?.data, id);
      return vector.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
    });
    const best = scores.reduce((top, score, id) => (score > (scores[top] ?? -Infinity) ? id : top), 0);
    const probability = 1 / scores.reduce((sum, score) => sum + Math.exp(score - (scores[best] ?? 0)), 0);
    return { best, sure: probability > 0.99 };
  });
  const { endOfText } = model.tokenizer.special;
  expect(said.map(({ best }) => best)).toEqual([50_300, 300, ...script, endOfText, endOfText]);
  expect(said.every(({ sure }) => sure)).toBe(true);
});
