import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collect, hear, outcome, readFixtureBytes } from '../../testing/fixtures.ts';
import { chunk, tone16, wavFile, type WavClaims } from '../../testing/wav-file.ts';
import { openAudio } from '../open-audio.ts';

const FRAMES = 8_000;

describe('a WAV file', () => {
  test('is read when odd chunks, with odd lengths, come before and behind its samples', async () => {
    const before = [chunk('LIST', Buffer.from('odd')), chunk('bext', Buffer.alloc(1_001))];
    const heard = await hear(wavFile(tone16(FRAMES), { before, after: chunk('id3 ', Buffer.from('tag')) }));
    expect(heard.channels[0]).toHaveLength(FRAMES);
    expect(heard.warnings).toEqual([]);
  });

  test.each<readonly [string, WavClaims]>([
    ['0, as streams do', { dataSize: 0, riffSize: 0 }],
    ['0 in a file of 36 bytes, as some do', { dataSize: 0, riffSize: 36 }],
    ['4 GiB less one, as pipes do', { dataSize: 0xffff_ffff, riffSize: 0xffff_ffff }],
    ['2 GiB less one', { dataSize: 0x7fff_ffff }],
  ])('is read to its end when its samples claim a size of %s', async (_, claims) => {
    const heard = await hear(wavFile(tone16(FRAMES), claims));
    expect(heard.channels[0]).toHaveLength(FRAMES);
    expect(heard.warnings).toEqual([]);
  });

  test('that claims a gigabyte and holds half a second gives that, and says that it is cut off', async () => {
    const heard = await hear(wavFile(tone16(FRAMES), { dataSize: 1_000_000_000 }));
    expect(heard.channels[0]).toHaveLength(FRAMES);
    expect(heard.warnings).toEqual(['truncated']);
  });

  test('of RF64 kind is read by its 64 bit size', async () => {
    const sizes = Buffer.alloc(28);
    sizes.writeBigUInt64LE(BigInt(2 * FRAMES), 8);
    const bytes = wavFile(tone16(FRAMES), {
      magic: 'RF64',
      riffSize: 0xffff_ffff,
      dataSize: 0xffff_ffff,
      before: [chunk('ds64', sizes)],
      after: chunk('LIST', Buffer.alloc(2_000, 0x55)),
    });
    expect((await hear(bytes)).channels[0]).toHaveLength(FRAMES);
  });

  test.each<readonly [string, WavClaims, string, string]>([
    ['0 Hz', { sampleRate: 0 }, 'audio-damaged', 'a sample rate of 0 Hz'],
    ['4 GHz', { sampleRate: 4_000_000_000 }, 'audio-damaged', 'a sample rate of 4000000000 Hz'],
    ['no channels', { channels: 0, blockAlign: 2 }, 'audio-damaged', 'no channels'],
    ['64 channels', { channels: 64 }, 'audio-damaged', '64 channels; at most 32 are read'],
    ['an unknown coding', { tag: 0x4444 }, 'audio-format-unsupported', 'coding 17476'],
    ['ADPCM blocks of one byte', { tag: 0x11, blockAlign: 1, bits: 4 }, 'audio-format-unsupported', 'tag 17'],
    ['samples of 7 bytes', { bits: 56 }, 'audio-format-unsupported', '56 bits'],
    ['no samples', { dataSize: 0, riffSize: 44, after: Buffer.alloc(0) }, 'audio-empty', 'without a sample'],
  ])('is refused in one line when it claims %s', async (_, claims, code, message) => {
    const samples = code === 'audio-empty' ? Buffer.alloc(0) : tone16(100);
    const work = hear(wavFile(samples, claims), { name: 'notes.wav' });
    await expect(work).rejects.toMatchObject({ code });
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toThrow(/^notes\.wav is [^\n]+$/u);
  });

  test.each([
    ['ends in its header', 'RIFF\0\0\0\0WAVEfm'],
    ['has no format', 'RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd'],
    ['has no samples', 'RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0'],
    ['claims a format of 3 GB', 'RIFF\0\0\0\0WAVEfmt \0\0\0\xc0'],
  ])('is damaged when it %s', async (_, text) => {
    await expect(hear(Buffer.from(text, 'latin1'))).rejects.toMatchObject({ code: 'audio-damaged' });
  });

  test('counts NaN and infinite samples as silence, and says so', async () => {
    const samples = Buffer.alloc(4 * FRAMES);
    for (let i = 0; i < FRAMES; i++) samples.writeFloatLE([0.5, Number.NaN, Infinity, -Infinity][i % 4] ?? 0, 4 * i);
    const heard = await hear(wavFile(samples, { tag: 3, bits: 32 }));
    expect([...(heard.channels[0] ?? [])].slice(0, 8)).toEqual([0.5, 0, 0, 0, 0.5, 0, 0, 0]);
    expect(heard.warnings).toEqual(['not-finite']);
  });

  test('is cut off at full scale where floats go beyond', async () => {
    const samples = Buffer.alloc(8);
    samples.writeFloatLE(40, 0);
    samples.writeFloatLE(-40, 4);
    expect([...((await hear(wavFile(samples, { tag: 3, bits: 32 }))).channels[0] ?? [])]).toEqual([1, -1]);
  });

  test('of 32 channels gives all of them when they are split, their mean when they are mixed', async () => {
    const samples = Buffer.alloc(2 * 32 * 100);
    for (let i = 0; i < 3_200; i++) samples.writeInt16LE((i % 32) * 1_000, 2 * i);
    const bytes = wavFile(samples, { channels: 32 });
    const split = await hear(bytes, { channels: 'split' });
    expect(split.channels.map((channel) => channel[50])).toEqual(
      Array.from({ length: 32 }, (_, i) => Math.fround((i * 1_000) / 32_768)),
    );
    expect((await hear(bytes)).channels[0]?.[50]).toBeCloseTo(15_500 / 32_768, 5);
  });

  test('is too long beyond the limit, however little of it was read', async () => {
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      yield wavFile(tone16(FRAMES), { dataSize: 0, riffSize: 0 });
      for (;;) yield tone16(FRAMES);
    };
    const stream = await openAudio(endless(), { name: 'radio', limits: { maxSeconds: 5 } });
    await expect(collect(stream.blocks)).rejects.toMatchObject({
      code: 'audio-too-long',
      message: 'radio is longer than 5 s',
    });
  });

  test('never fails but with our errors, never hangs and never gives odd samples, whatever its bytes', async () => {
    const originals = await Promise.all(
      ['jfk-8k-gsm.wav', 'jfk-ms-adpcm-4s.wav', 'jfk-ima-adpcm-4s.wav'].map(readFixtureBytes),
    );
    const seeds = [...originals.map((bytes) => bytes.subarray(0, 3_000)), wavFile(tone16(200), { channels: 2 })];
    const edits = fc.array(fc.tuple(fc.nat(120), fc.integer({ min: 0, max: 255 })), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...seeds), edits, fc.nat(3_000), async (seed, changes, length) => {
        const bytes = Uint8Array.from(seed.subarray(0, length));
        // The magic stays, or another reader is tried.
        for (const [at, value] of changes) if (at >= 12 && at < bytes.length) bytes[at] = value;
        expect(await outcome(bytes)).toMatch(/^(sound|refused)$/u);
      }),
      { numRuns: 300 },
    );
  });
});
