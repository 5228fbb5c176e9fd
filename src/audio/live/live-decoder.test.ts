import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveAudioFormat } from '../../core/index.ts';
import { openLiveDecoder } from './open-live-decoder.ts';

const fixture = (name: string): Promise<Buffer> =>
  readFile(fileURLToPath(new URL(`../../../test/fixtures/audio/${name}`, import.meta.url)));
const format = (change: Partial<LiveAudioFormat> = {}): LiveAudioFormat => ({
  encoding: 'pcm_s16le',
  sampleRate: 16_000,
  channels: 1,
  ...change,
});

/** All samples of a stream that comes in pieces of these lengths, again and again. */
async function decoded(bytes: Uint8Array, of: LiveAudioFormat, lengths: readonly number[]): Promise<Int16Array> {
  const decoder = openLiveDecoder(of);
  const pieces: Int16Array[] = [];
  try {
    for (let at = 0, next = 0; at < bytes.length; next++) {
      const length = lengths[next % lengths.length] ?? bytes.length;
      pieces.push(await decoder.push(bytes.subarray(at, at + length)));
      at += length;
    }
    pieces.push(await decoder.end());
  } finally {
    await decoder.close();
  }
  return Int16Array.from(pieces.flatMap((piece) => [...piece]));
}

test('samples are the same however the stream is cut, and as many as the rate says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 0, maxLength: 4000 }),
      fc.constantFrom('pcm_s16le' as const, 'pcm_f32le' as const, 'mulaw' as const, 'alaw' as const),
      fc.constantFrom(8000, 16_000, 44_100, 48_000),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 }),
      async (bytes, encoding, sampleRate, channels, lengths) => {
        const of = format({ encoding, sampleRate, channels });
        const whole = await decoded(bytes, of, [bytes.length + 1]);
        expect(await decoded(bytes, of, lengths)).toEqual(whole);
        const width = { pcm_s16le: 2, pcm_f32le: 4, mulaw: 1, alaw: 1 }[encoding];
        const frames = Math.floor(bytes.length / (width * channels));
        expect(whole.length).toBe(Math.ceil((frames * 16_000) / sampleRate));
      },
    ),
  );
});

test('a view into a larger buffer is read as what it is', async () => {
  const pool = Buffer.alloc(8192, 0x55);
  const decoder = openLiveDecoder(format());
  expect((await decoder.push(pool.subarray(100, 104))).length).toBe(2);
});

test('numbers that are none are silence, and what is too loud is cut off', async () => {
  const samples = Float32Array.from([Number.NaN, Infinity, -Infinity, 7, -7, 0.5]);
  const bytes = new Uint8Array(samples.buffer);
  expect([...(await decoded(bytes, format({ encoding: 'pcm_f32le' }), [5]))]).toEqual([
    0, 0, 0, 32_767, -32_768, 16_384,
  ]);
});

test('channels are mixed', async () => {
  const bytes = new Uint8Array(Int16Array.from([1000, 3000, -500, 500]).buffer);
  expect([...(await decoded(bytes, format({ channels: 2 }), [3]))]).toEqual([2000, 0]);
});

test.each([
  ['jfk.wav', 'wav'],
  ['jfk.flac', 'flac'],
  ['jfk.opus', 'ogg'],
  ['jfk.ogg', 'ogg'],
  ['jfk.webm', 'webm'],
] as const)('%s is decoded while it comes, in any pieces', async (name, encoding) => {
  const bytes = await fixture(name);
  const of = format({ encoding });
  const whole = await decoded(bytes, of, [bytes.length]);
  expect(whole.length).toBeGreaterThan(10.5 * 16_000);
  expect(whole.length).toBeLessThan(11.5 * 16_000);
  expect(whole.some((value) => Math.abs(value) > 9830)).toBe(true);
  expect(await decoded(bytes, of, [1, 777, 4096])).toEqual(whole);
});

test('sound comes out while the stream goes on', async () => {
  const bytes = await fixture('jfk.opus');
  const decoder = openLiveDecoder(format({ encoding: 'ogg' }));
  let early = 0;
  for (let at = 0; at < bytes.length / 2; at += 1000)
    early += (await decoder.push(bytes.subarray(at, at + 1000))).length;
  expect(early).toBeGreaterThan(3 * 16_000);
  await decoder.close();
});

test.each(['webm', 'ogg', 'flac', 'wav'] as const)(
  'what is not %s at all is refused, not waited for',
  async (encoding) => {
    const noise = Uint8Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 251);
    await expect(decoded(noise, format({ encoding }), [1000])).rejects.toThrow(/^the stream /);
  },
);

test('a message that is no packet of Opus is refused', async () => {
  const decoder = openLiveDecoder(format({ encoding: 'opus', sampleRate: 48_000 }));
  await expect(decoder.push(new Uint8Array(9000))).rejects.toMatchObject({ code: 'audio-damaged' });
  await decoder.close();
});

/** A stream in pieces of this length: how many samples it has, and whether more came than it says to be. */
async function heardOf(bytes: Uint8Array, encoding: 'wav' | 'flac', length: number) {
  const decoder = openLiveDecoder(format({ encoding }));
  let samples = 0;
  for (let at = 0; at < bytes.length; at += length) {
    samples += (await decoder.push(bytes.subarray(at, at + length))).length;
  }
  const hasMore = decoder.hasMore();
  samples += (await decoder.end()).length;
  await decoder.close();
  return { samples, hasMore };
}

test.each(['wav', 'flac'] as const)('what comes behind the end of a %s is not heard, and known', async (encoding) => {
  const file = await fixture(`jfk.${encoding}`);
  for (const length of [5000, 10 * file.length]) {
    const { samples, hasMore } = await heardOf(file, encoding, length);
    expect(hasMore).toBe(false);
    expect(await heardOf(Buffer.concat([file, file]), encoding, length)).toEqual({ samples, hasMore: true });
  }
});

/** Of `jfk.wav`: where it tells the length of its samples, and where they begin. */
const [LENGTH_AT, HEAD] = [74, 78];

test('a WAV may have tags behind its samples, and one that does not know its length goes on', async () => {
  const file = await fixture('jfk.wav');
  const { samples } = await heardOf(file, 'wav', 4096);
  const tagged = Buffer.concat([file, Buffer.from('LIST\x0e\0\0\0INFOISFT\x02\0\0\0me', 'latin1')]);
  tagged.writeUInt32LE(tagged.length - 8, 4);
  expect(await heardOf(tagged, 'wav', 4096)).toEqual({ samples, hasMore: false });
  const odd = Buffer.from(file);
  odd.writeUInt32LE(file.length - 1 - HEAD, LENGTH_AT);
  odd.writeUInt32LE(file.length - 1 - 8, 4);
  expect(await heardOf(odd, 'wav', 4096)).toEqual({ samples: samples - 1, hasMore: false });
  const endless = Buffer.concat([file, file.subarray(HEAD)]);
  for (const unknown of [0, 0xffff_ffff]) {
    endless.writeUInt32LE(unknown, 4);
    endless.writeUInt32LE(unknown, LENGTH_AT);
    expect(await heardOf(endless, 'wav', 4096)).toEqual({ samples: 2 * samples, hasMore: false });
  }
});

test('hostile containers never hang, crash or grow', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('webm' as const, 'ogg' as const, 'flac' as const),
      fc.uint8Array({ maxLength: 3000 }),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 4 }),
      async (encoding, tail, lengths) => {
        const head = (await fixture({ webm: 'jfk.webm', ogg: 'jfk.opus', flac: 'jfk.flac' }[encoding])).subarray(
          0,
          600,
        );
        const bytes = Buffer.concat([head, tail]);
        const samples = await decoded(bytes, format({ encoding }), lengths).catch((error: unknown) => error);
        expect(samples instanceof Int16Array || samples instanceof Error).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
