import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_RATE, fromPcm16, toPcm16, type Segment, type Vad } from '../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../core/ports/vad.ts';
import { decodeTo16k } from './decode/decode-to-16k.ts';
import { findSegments, type SegmentStream } from './find-segments.ts';
import { noise, readFixture } from './testing/fixtures.ts';
import { wavFile } from './testing/wav-file.ts';
import { loadSileroVad } from './vad/silero-vad.ts';

const MODEL = fileURLToPath(new URL('../../models/silero-vad-v6.onnx', import.meta.url));
/** Where somebody speaks in `jfk.wav`, padding included, in seconds. */
const PHRASES = [
  [0.05, 2.54],
  [3.0, 4.72],
  [5.11, 10.75],
];
/** What another coding or rate may move a span by, in seconds: five frames. */
const TOLERANCE = 0.16;

let vad: Vad;
let speech: Float32Array;
beforeAll(async () => {
  vad = await loadSileroVad(MODEL);
  speech = await readFixture('jfk.wav');
});
afterAll(async () => {
  await vad[Symbol.asyncDispose]();
});

async function* pieces(pcm: Float32Array, size = 10_000): AsyncGenerator<Float32Array> {
  for (let from = 0; from < pcm.length; from += size) yield pcm.subarray(from, from + size);
}

async function collect(stream: SegmentStream): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  for await (const segment of stream) segments.push(segment);
  return segments;
}

/** Spans in seconds; those that touch count as one. */
function spansOf(segments: readonly Segment[]): readonly (readonly number[])[] {
  const spans: number[][] = [];
  for (const segment of segments) {
    for (const { start, end } of segment.speech) {
      const [from, to] = [(segment.start + start) / SAMPLE_RATE, (segment.start + end) / SAMPLE_RATE];
      const last = spans.at(-1);
      if (last?.[1] === from) last[1] = to;
      else spans.push([from, to]);
    }
  }
  return spans;
}

/** Speech where the probability says so, loudness in its place: fast, and known. */
const loudnessVad: Vad = {
  open: () => ({
    push: async (frames) =>
      Float32Array.from({ length: frames.length / VAD_FRAME_SAMPLES }, (_, i) => frames[i * VAD_FRAME_SAMPLES] ?? 0),
  }),
  [Symbol.asyncDispose]: async () => {},
};

describe('findSegments', () => {
  test('finds the phrases of a real speech, in one segment', async () => {
    const stream = findSegments(pieces(speech), vad);
    const segments = await collect(stream);
    expect(segments).toHaveLength(1);
    const [{ start, pcm } = { start: 0, pcm: new Float32Array(0) }] = segments;
    expect(pcm).toEqual(speech.slice(start, start + pcm.length));
    const spans = spansOf(segments);
    expect(spans).toHaveLength(PHRASES.length);
    for (const [index, span] of spans.entries()) {
      for (const side of [0, 1]) {
        expect(Math.abs((span[side] ?? 0) - (PHRASES[index]?.[side] ?? 0))).toBeLessThan(0.04);
      }
    }
    const { total, kept, silence } = stream.ledger();
    expect([total, kept, silence]).toEqual([speech.length, pcm.length, speech.length - pcm.length]);
  });

  test.each(['jfk-8k-mulaw.wav', 'jfk-8k-gsm.wav', 'jfk.aiff', 'jfk.flac', 'jfk.mp3', 'jfk.ogg', 'jfk.opus'])(
    'finds the same phrases in %s',
    async (name) => {
      const spans = spansOf(await collect(findSegments(pieces(await readFixture(name)), vad)));
      expect(spans).toHaveLength(PHRASES.length);
      for (const [index, span] of spans.entries()) {
        for (const side of [0, 1]) {
          expect(Math.abs((span[side] ?? 0) - (PHRASES[index]?.[side] ?? 0))).toBeLessThan(TOLERANCE);
        }
      }
    },
  );

  test('gives the same segments of samples that are rounded already, as they are', async () => {
    const odd = speech.map((value, index) => (value + ((index * 7) % 11) / 1e6) * 1.01);
    const segments = await collect(findSegments(pieces(odd), vad));
    const rounded = fromPcm16(toPcm16(odd));
    expect(rounded).not.toEqual(odd);
    expect(await collect(findSegments(pieces(rounded), vad, { isRounded: true }))).toEqual(segments);
  });

  test('gives the same segments however the audio comes', async () => {
    const whole = await collect(findSegments(pieces(speech, speech.length), vad));
    expect(await collect(findSegments(pieces(speech, 777), vad))).toEqual(whole);
  });

  test.each([
    ['digital silence', new Float32Array(15 * SAMPLE_RATE)],
    ['faint noise', noise(15, 0.001)],
    ['loud noise', noise(15, 0.5)],
    ['a tone', Float32Array.from({ length: 15 * SAMPLE_RATE }, (_, i) => 0.3 * Math.sin(i * 0.1))],
    ['one sample', new Float32Array(1)],
    ['nothing', new Float32Array(0)],
  ])('finds nothing in %s', async (_, pcm) => {
    const stream = findSegments(pieces(pcm), vad);
    expect(await collect(stream)).toEqual([]);
    expect(stream.ledger()).toEqual({ total: pcm.length, kept: 0, speech: 0, silence: pcm.length });
  });

  test('reads only a little ahead of the segment it gives, through an hour of a recording', async () => {
    const seconds = 3_600;
    let produced = 0;
    const hour = async function* (): AsyncGenerator<Uint8Array> {
      yield wavFile(new Uint8Array(0), { sampleRate: 16_000, dataSize: 2 * seconds * SAMPLE_RATE });
      const second = Buffer.alloc(2 * SAMPLE_RATE);
      for (let i = 0; i < seconds; i++) {
        // Four seconds of voice in five; every tenth minute is silent.
        second.fill(Buffer.from([0, i % 5 < 4 && Math.floor(i / 60) % 10 !== 9 ? 0x70 : 0]));
        yield second;
        produced++;
      }
    };
    const audio = await decodeTo16k(hour(), { name: 'hour.wav', channels: 'mix' });
    const channel = async function* (): AsyncGenerator<Float32Array> {
      for await (const [block] of audio.blocks) if (block !== undefined) yield block;
    };
    const stream = findSegments(channel(), loudnessVad);
    let furthest = 0;
    let last = 0;
    for await (const { start, pcm } of stream) {
      expect(start).toBeGreaterThanOrEqual(last);
      last = start + pcm.length;
      furthest = Math.max(furthest, produced - last / SAMPLE_RATE);
    }
    // The target of a segment, a batch of the VAD and a few blocks, but for the silent minutes.
    expect(furthest).toBeLessThan(60 + 30);
    const { total, kept, silence } = stream.ledger();
    expect([total, kept + silence]).toEqual([seconds * SAMPLE_RATE, seconds * SAMPLE_RATE]);
    expect(silence).toBeGreaterThan(5 * 60 * SAMPLE_RATE);
  });
});
