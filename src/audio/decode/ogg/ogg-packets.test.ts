import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAMPLE_RATE } from '../../../core/index.ts';
import { hear, likeness, outcome, readFixtureBytes } from '../../testing/fixtures.ts';
import { createOggDemuxer, type OggPacket } from './ogg-packets.ts';

function demux(
  bytes: Uint8Array,
  size: number,
): { readonly packets: readonly OggPacket[]; readonly lost: number; readonly ended: boolean } {
  const demuxer = createOggDemuxer();
  const packets: OggPacket[] = [];
  for (let from = 0; from < bytes.length; from += size)
    packets.push(...demuxer.push(bytes.subarray(from, from + size)));
  return { packets, lost: demuxer.lost(), ended: demuxer.ended() };
}

describe('createOggDemuxer', () => {
  test.each([1, 27, 1_000, 1_000_000])('gives the same packets when bytes come %i at a time', async (size) => {
    const bytes = await readFixtureBytes('jfk.opus');
    const { packets, lost, ended } = demux(bytes, size);
    expect([lost, ended]).toEqual([0, true]);
    expect(packets).toHaveLength(553);
    expect(packets[0]?.first).toBe(true);
    expect(packets.filter(({ first }) => first)).toHaveLength(1);
    expect(packets.findIndex(({ last }) => last)).toBe(packets.length - 1);
  });

  test('takes streams that follow one another, each from its own first packet', async () => {
    const bytes = await readFixtureBytes('jfk.opus');
    const { packets, lost } = demux(Buffer.concat([bytes, bytes]), 5_000);
    expect(lost).toBe(0);
    expect(packets.filter(({ first }) => first)).toHaveLength(2);
    const heard = await hear(Buffer.concat([bytes, bytes]));
    expect(heard.warnings).toEqual([]);
    expect(heard.channels[0]).toHaveLength(2 * 176_000);
  });

  test.each([
    ['body, which it uses,', 200, 553],
    ['head, which it leaves out,', 26, 400],
  ])('counts a page with a damaged %s and goes on behind it', async (_, at, atLeast) => {
    const bytes = Buffer.from(await readFixtureBytes('jfk.opus'));
    const damaged = bytes.indexOf('OggS', bytes.length >> 1) + at;
    bytes.writeUInt8(bytes.readUInt8(damaged) ^ 1, damaged);
    const { packets, lost, ended } = demux(bytes, 1_000);
    expect(lost).toBeGreaterThan(0);
    expect(ended).toBe(true);
    expect(packets.length).toBeGreaterThanOrEqual(atLeast);
    expect((await hear(bytes)).warnings).toEqual(['damaged']);
  });

  test.each(['jfk.opus', 'jfk.ogg'])(
    'of %s keeps the time of what follows a lost page, with silence in its place',
    async (name) => {
      const bytes = Buffer.from(await readFixtureBytes(name));
      const whole = (await hear(bytes)).channels[0] ?? new Float32Array(0);
      const from = bytes.indexOf('OggS', bytes.length >> 1);
      const to = bytes.indexOf('OggS', from + 4);
      const heard = await hear(Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
      const [channel = new Float32Array(0)] = heard.channels;
      expect([channel.length, heard.warnings]).toEqual([whole.length, ['damaged']]);
      const isSilent = (_: number, at: number): boolean =>
        channel.subarray(at, at + 1_000).every((value) => value === 0);
      const gap = channel.findIndex(isSilent);
      const length = channel.subarray(gap).findIndex((value) => value !== 0);
      expect(length).toBeGreaterThan(SAMPLE_RATE / 2);
      expect(likeness(channel.subarray(0, gap), whole.subarray(0, gap), 0)).toBeGreaterThan(0.999);
      // The decoder finds its feet again within a few packets.
      const behind = gap + length + SAMPLE_RATE / 4;
      expect(behind).toBeLessThan(whole.length - SAMPLE_RATE);
      expect(likeness(channel.subarray(behind), whole.subarray(behind), 0)).toBeGreaterThan(0.99);
    },
  );

  test.each(['jfk.opus', 'jfk.ogg'])('of %s believes no position that leaves a gap of hours', async (name) => {
    const bytes = Buffer.from(await readFixtureBytes(name));
    const page = bytes.indexOf('OggS', bytes.length >> 1);
    bytes.writeBigInt64LE(2n ** 60n, page + 6);
    const [channel = []] = (await hear(bytes)).channels;
    expect(channel.length).toBeGreaterThan(11 * SAMPLE_RATE);
    expect(channel.length).toBeLessThan(80 * SAMPLE_RATE);
  });

  test('never throws and never holds on to noise', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 10 }), (parts) => {
        const demuxer = createOggDemuxer();
        for (const part of parts) expect(demuxer.push(Buffer.concat([Buffer.from('OggS'), part]))).toEqual([]);
      }),
    );
  });

  test('of Opus gives sound or refuses, whatever its first page says', async () => {
    const original = (await readFixtureBytes('jfk.opus')).subarray(0, 6_000);
    const edits = fc.array(fc.tuple(fc.integer({ min: 36, max: 46 }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const bytes = Uint8Array.from(original);
        for (const [at, value] of changes) bytes[at] = value;
        expect(await outcome(sealFirstPage(bytes))).toMatch(/^(sound|refused)$/u);
      }),
      { numRuns: 40 },
    );
  });
});

/** Makes the checksum of the first page right again, bit by bit as RFC 3533 defines it. */
function sealFirstPage(bytes: Uint8Array): Uint8Array {
  const page = Buffer.from(bytes.buffer, bytes.byteOffset, 27 + 1 + 19);
  page.writeUInt32LE(0, 22);
  let sum = 0;
  for (const byte of page) {
    sum = (sum ^ (byte << 24)) >>> 0;
    for (let bit = 0; bit < 8; bit++) sum = ((sum << 1) ^ (sum >= 2 ** 31 ? 0x04c1_1db7 : 0)) >>> 0;
  }
  page.writeUInt32LE(sum, 22);
  return bytes;
}
