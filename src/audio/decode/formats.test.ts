import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { millis, SAMPLE_RATE } from '../../core/index.ts';
import { hear, inPieces, likeness, readFixture, readFixtureBytes } from '../testing/fixtures.ts';
import { MAX_BLOCK_FRAMES } from './audio-stream.ts';
import { nodeFfmpeg } from './ffmpeg/runner.ts';
import { openAudio } from './open-audio.ts';

const ffmpeg = nodeFfmpeg(execFileSync('which', ['ffmpeg'], { encoding: 'utf8' }).trim(), {
  tempFolder: tmpdir(),
  stallLimit: millis(30_000),
});

/** File, what it is called, seconds, and how alike it must be to the original: telephones lose what is above 4 kHz. */
const BUILT_IN: readonly (readonly [string, string, number, number])[] = [
  ['jfk.wav', 'WAV (16 bit PCM)', 11, 0.9999],
  ['jfk-44k1-stereo-4s.wav', 'WAV (16 bit PCM)', 4, 0.999],
  ['jfk-48k-24bit-4s.wav', 'WAV (24 bit PCM)', 4, 0.999],
  ['jfk-8k-mulaw.wav', 'WAV (mu-law)', 11, 0.97],
  ['jfk-8k-alaw.wav', 'WAV (A-law)', 11, 0.97],
  ['jfk-8k-gsm.wav', 'WAV (GSM 6.10)', 11, 0.93],
  ['jfk-ima-adpcm-4s.wav', 'WAV (IMA ADPCM)', 4, 0.99],
  ['jfk-ms-adpcm-4s.wav', 'WAV (MS ADPCM)', 4, 0.99],
  ['jfk.aiff', 'AIFF (16 bit PCM)', 11, 0.9999],
  ['jfk.flac', 'FLAC', 11, 0.9999],
  ['jfk-flac.oga', 'Ogg FLAC', 11, 0.9999],
  ['jfk.mp3', 'MP3', 11, 0.98],
  ['jfk.ogg', 'Ogg Vorbis', 11, 0.98],
  ['jfk.opus', 'Ogg Opus', 11, 0.97],
];
const BY_FFMPEG: typeof BUILT_IN = [
  ['jfk.m4a', 'M4A/MP4', 11, 0.98],
  ['jfk-faststart.mp4', 'M4A/MP4', 11, 0.98],
  ['jfk-video.mp4', 'M4A/MP4', 11, 0.98],
  ['jfk.aac', 'AAC', 11, 0.98],
];
/** ADTS does not tell the encoder's delay, which therefore stays: 1,024 samples. */
const ADTS_DELAY = 1_100;
/** Of others, in samples. */
const MAX_DELAY = 80;

let original: Float32Array;
beforeAll(async () => {
  original = await readFixture('jfk.wav');
});

describe('decodeTo16k', () => {
  test.each([...BUILT_IN, ...BY_FFMPEG])('reads %s as %s', async (name, format, seconds, alike) => {
    const heard = await hear(await readFixtureBytes(name), { ffmpeg });
    const [channel = new Float32Array(0), ...others] = heard.channels;
    expect(heard).toMatchObject({ format, warnings: [] });
    expect(others).toEqual([]);
    expect(Math.abs(channel.length / SAMPLE_RATE - seconds)).toBeLessThan(0.1);
    expect(
      likeness(channel, original.subarray(0, seconds * SAMPLE_RATE), format === 'AAC' ? ADTS_DELAY : MAX_DELAY),
    ).toBeGreaterThan(alike);
  });

  test.each(BUILT_IN)('keeps what there is of %s when it is cut off, and says so', async (name, _, seconds) => {
    const bytes = await readFixtureBytes(name);
    const heard = await hear(bytes.subarray(0, Math.floor(bytes.length * 0.6)));
    const length = (heard.channels[0]?.length ?? 0) / SAMPLE_RATE;
    expect(heard.warnings).toContain('truncated');
    expect(length).toBeGreaterThan(seconds * 0.45);
    expect(length).toBeLessThan(seconds * 0.75);
  });

  test.each(['jfk.webm', 'jfk-faststart.mp4', 'jfk.aac'])(
    'keeps what there is of %s when it is cut off',
    async (name) => {
      const bytes = await readFixtureBytes(name);
      const heard = await hear(bytes.subarray(0, Math.floor(bytes.length * 0.6)), { ffmpeg });
      const length = (heard.channels[0]?.length ?? 0) / SAMPLE_RATE;
      expect(length).toBeGreaterThan(4);
      expect(length).toBeLessThan(8);
    },
  );

  test('refuses an MP4 that is cut off before its index', async () => {
    const bytes = await readFixtureBytes('jfk.m4a');
    const work = hear(bytes.subarray(0, Math.floor(bytes.length * 0.6)), { ffmpeg, name: 'call.m4a' });
    await expect(work).rejects.toMatchObject({ code: 'audio-damaged' });
    await expect(work).rejects.toThrow(/^call\.m4a is M4A\/MP4 that ffmpeg cannot read \(.+\)$/u);
  });

  test('reads Opus in WebM by ffmpeg, and without it', async () => {
    const bytes = await readFixtureBytes('jfk.webm');
    for (const options of [{ ffmpeg }, {}]) {
      const { channels, warnings } = await hear(bytes, options);
      const [channel = new Float32Array(0)] = channels;
      expect(warnings).toEqual([]);
      expect(Math.abs(channel.length / SAMPLE_RATE - 11)).toBeLessThan(0.1);
      expect(likeness(channel, original, MAX_DELAY)).toBeGreaterThan(0.97);
    }
  });

  test.each(BY_FFMPEG)('says that %s needs ffmpeg when there is none', async (name, format) => {
    await expect(hear(await readFixtureBytes(name), { name })).rejects.toMatchObject({
      code: 'audio-format-unsupported',
      message: `${name} is ${format} audio: install ffmpeg to read it, or convert it to WAV, FLAC, MP3 or Ogg`,
    });
  });

  test('survives noise in the middle of any format without a raw error or an endless loop', async () => {
    for (const [name] of BUILT_IN) {
      const bytes = Uint8Array.from(await readFixtureBytes(name));
      const middle = bytes.length >> 1;
      for (let i = 0; i < 6_000; i++) bytes[middle + i] = (i * i * 7 + i * 13) & 0xff;
      const heard = await hear(bytes);
      expect(heard.channels[0]?.length).toBeGreaterThan(SAMPLE_RATE);
    }
  });

  test('decodes an hour of digital silence from 52 KB, a bounded block at a time', async () => {
    const stream = await openAudio(inPieces(await readFixtureBytes('silence-1h.flac')), { name: 'silence' });
    let total = 0;
    let longest = 0;
    for await (const [channel] of stream.blocks) {
      total += channel?.length ?? 0;
      longest = Math.max(longest, channel?.length ?? 0);
    }
    expect(total).toBe(3_600 * SAMPLE_RATE);
    expect(longest).toBeLessThanOrEqual(MAX_BLOCK_FRAMES);
  });
});
