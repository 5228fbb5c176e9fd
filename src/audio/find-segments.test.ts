import { createReadStream } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_RATE, type Segment, type Vad } from '../core/index.ts';
import { decodeTo16k } from './decode/decode-to-16k.ts';
import { findSegments, type SegmentStream } from './find-segments.ts';
import { loadSileroVad } from './vad/silero-vad.ts';

const FIXTURES = new URL('../../test/fixtures/audio/', import.meta.url);
let vad: Vad;

beforeAll(async () => {
  vad = await loadSileroVad(new URL('../../models/silero-vad-v6.onnx', import.meta.url).pathname);
});
afterAll(async () => {
  await vad[Symbol.asyncDispose]();
});

async function* firstChannel(name: string): AsyncGenerator<Float32Array> {
  const audio = await decodeTo16k(createReadStream(new URL(name, FIXTURES)), { name, channels: 'mix' });
  for await (const [channel] of audio.blocks) if (channel !== undefined) yield channel;
}

async function* pieces(pcm: Float32Array, size: number): AsyncGenerator<Float32Array> {
  for (let from = 0; from < pcm.length; from += size) yield pcm.subarray(from, from + size);
}

async function collect(stream: SegmentStream): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  for await (const segment of stream) segments.push(segment);
  return segments;
}

/** The same noise every time: a linear congruential generator (Numerical Recipes). */
function noise(seconds: number, level: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: seconds * SAMPLE_RATE }, () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * level;
  });
}

describe('findSegments', () => {
  test('finds the four phrases of a real speech, in one segment', async () => {
    const stream = findSegments(firstChannel('jfk.wav'), vad);
    const segments = await collect(stream);
    const spans = segments.flatMap((segment) =>
      segment.speech.map(({ start, end }) =>
        [segment.start + start, segment.start + end].map((at) => at / SAMPLE_RATE),
      ),
    );
    expect(segments).toHaveLength(1);
    expect(spans.map(([start, end]) => [start?.toFixed(1), end?.toFixed(1)])).toEqual([
      ['0.1', '2.4'],
      ['3.1', '4.6'],
      ['5.2', '7.8'],
      ['8.0', '10.8'],
    ]);
    expect(stream.ledger()).toMatchObject({ total: 11 * SAMPLE_RATE, kept: segments[0]?.pcm.length });
  });

  test.each([
    ['digital silence', new Float32Array(15 * SAMPLE_RATE)],
    ['faint noise', noise(15, 0.001)],
    ['loud noise', noise(15, 0.5)],
  ])('finds nothing in %s', async (_, pcm) => {
    const stream = findSegments(pieces(pcm, 10_000), vad);
    expect(await collect(stream)).toEqual([]);
    expect(stream.ledger()).toEqual({ total: pcm.length, kept: 0, speech: 0, silence: pcm.length });
  });
});
