import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hear, outcome, readFixture, readFixtureBytes } from '../../testing/fixtures.ts';
import { createBits, OutOfBits } from './bits.ts';
import { crc16, crc8 } from './crc.ts';

/** A FLAC head that makes these claims, and nothing behind it. */
function head(sampleRate: number, channels: number): Uint8Array {
  const bytes = Buffer.alloc(42);
  bytes.write('fLaC\x80\0\0\x22', 'latin1');
  bytes.writeUInt32BE(((sampleRate << 12) | ((channels - 1) << 9) | (15 << 4)) >>> 0, 18);
  return bytes;
}

describe('a FLAC file', () => {
  test('gives to the last bit what the WAV file it was made from has', async () => {
    const [flac, ogg, wav] = await Promise.all(['jfk.flac', 'jfk-flac.oga', 'jfk.wav'].map(readFixture));
    expect(flac).toEqual(wav);
    expect(ogg).toEqual(wav);
  });

  test.each([
    ['0 Hz', head(0, 1)],
    ['nothing behind its head', head(16_000, 1)],
    ['half a head', head(16_000, 1).subarray(0, 20)],
  ])('that claims %s is damaged', async (_, bytes) => {
    await expect(hear(bytes)).rejects.toMatchObject({ code: 'audio-damaged' });
  });

  test('leaves out a damaged frame and goes on behind it', async () => {
    const bytes = Buffer.from(await readFixtureBytes('jfk.flac'));
    bytes.fill(0x55, 100_000, 100_010);
    const heard = await hear(bytes);
    const [channel = new Float32Array(0)] = heard.channels;
    expect(heard.warnings).toEqual(['damaged', 'truncated']);
    expect(176_000 - channel.length).toBeGreaterThan(0);
    expect(176_000 - channel.length).toBeLessThanOrEqual(2 * 4_608);
    expect(channel.slice(-16_000)).toEqual((await readFixture('jfk.flac')).slice(-16_000));
  });

  test('gives sound or refuses, whatever its bytes', async () => {
    const original = (await readFixtureBytes('jfk.flac')).subarray(0, 12_000);
    const edits = fc.array(fc.tuple(fc.nat(11_999), fc.integer({ min: 0, max: 255 })), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(edits, fc.integer({ min: 4, max: 12_000 }), async (changes, length) => {
        const bytes = Uint8Array.from(original.subarray(0, length));
        for (const [at, value] of changes) if (at >= 4 && at < length) bytes[at] = value;
        expect(await outcome(bytes)).toMatch(/^(sound|refused)$/u);
      }),
      { numRuns: 60 },
    );
  });
});

describe('createBits', () => {
  test('reads what was written, signed or not, of any length', () => {
    const fields = fc.array(fc.tuple(fc.integer({ min: 1, max: 32 }), fc.nat()), { maxLength: 30 });
    fc.assert(
      fc.property(fields, (widths) => {
        const values = widths.map(([width, value]) => [width, value % 2 ** width] as const);
        const text = values.map(([width, value]) => value.toString(2).padStart(width, '0')).join('');
        const padded = text.padEnd(Math.ceil(text.length / 8) * 8, '0');
        const bytes = Uint8Array.from(padded.match(/.{8}/gu) ?? [], (byte) => Number.parseInt(byte, 2));
        const [plain, signed] = [createBits(bytes), createBits(bytes)];
        for (const [width, value] of values) {
          expect(plain.read(width)).toBe(value);
          expect(signed.readSigned(width)).toBe(value >= 2 ** (width - 1) ? value - 2 ** width : value);
        }
      }),
    );
  });

  test('reads long runs of zeros, and never beyond the end', () => {
    const bytes = new Uint8Array(20);
    bytes[19] = 1;
    expect(createBits(bytes).readUnary()).toBe(159);
    expect(() => createBits(new Uint8Array(20)).readUnary()).toThrow(OutOfBits);
    expect(() => createBits(new Uint8Array(2)).readRice(new Float64Array(9), 0, 9, 4)).toThrow(OutOfBits);
  });
});

test('the checksums of FLAC are those of the catalogue for "123456789"', () => {
  expect(crc8(Buffer.from('123456789'))).toBe(0xf4);
  expect(crc16(Buffer.from('123456789'))).toBe(0xfee8);
});
