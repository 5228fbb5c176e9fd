import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hear, outcome } from '../testing/fixtures.ts';

/** 16 kHz as the 80 bit float of a `COMM` chunk. */
const RATE = [0x40, 0x0c, 0xfa, 0, 0, 0, 0, 0, 0, 0];

function chunk(id: string, body: Uint8Array): Uint8Array {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function aiffFile(samples: Uint8Array, bits: number, coding?: string, channels = 1): Uint8Array {
  const common = Buffer.from([0, channels, 0, 0, 0, 0, 0, bits, ...RATE]);
  const named = coding === undefined ? common : Buffer.concat([common, Buffer.from(`${coding}\0\0`, 'latin1')]);
  const type = coding === undefined ? 'AIFF' : 'AIFC';
  const sound = Buffer.concat([Buffer.alloc(8), samples]);
  return chunk(
    'FORM',
    Buffer.concat([Buffer.from(type), chunk('NAME', Buffer.from('odd')), chunk('COMM', named), chunk('SSND', sound)]),
  );
}

const HALF: readonly (readonly [string | undefined, number, readonly number[]])[] = [
  [undefined, 8, [0x40]],
  [undefined, 16, [0x40, 0]],
  [undefined, 24, [0x40, 0, 0]],
  [undefined, 32, [0x40, 0, 0, 0]],
  ['NONE', 16, [0x40, 0]],
  ['sowt', 16, [0, 0x40]],
  ['in24', 24, [0x40, 0, 0]],
  ['fl32', 32, [0x3f, 0, 0, 0]],
  ['FL64', 64, [0x3f, 0xe0, 0, 0, 0, 0, 0, 0]],
  ['raw ', 8, [0xc0]],
];

describe('an AIFF file', () => {
  test.each(HALF)('in coding %s of %i bits gives its samples', async (coding, bits, half) => {
    const heard = await hear(aiffFile(Uint8Array.from([...half, ...half, ...half]), bits, coding));
    expect([...(heard.channels[0] ?? [])]).toEqual([0.5, 0.5, 0.5]);
    expect(heard.warnings).toEqual([]);
  });

  test('in mu-law and A-law has silence where G.711 has it', async () => {
    expect((await hear(aiffFile(Uint8Array.from([0xff, 0xff]), 8, 'ulaw'))).channels[0]?.[0]).toBeCloseTo(0, 10);
    expect((await hear(aiffFile(Uint8Array.from([0xd5, 0xd5]), 8, 'alaw'))).channels[0]?.[0]).toBeCloseTo(
      8 / 32_768,
      10,
    );
  });

  test.each([
    [
      'of an unknown coding is refused by its name',
      aiffFile(Uint8Array.from([1, 2]), 16, 'ima4'),
      'audio-format-unsupported',
    ],
    ['with 64 channels is refused', aiffFile(Uint8Array.from([1, 2]), 16, undefined, 64), 'audio-damaged'],
    ['without samples is empty', aiffFile(Uint8Array.from([]), 16), 'audio-empty'],
    ['that ends in its header is damaged', aiffFile(Uint8Array.from([1, 2]), 16).subarray(0, 40), 'audio-damaged'],
  ])('%s', async (_, bytes, code) => {
    await expect(hear(bytes)).rejects.toMatchObject({ code });
  });

  test('never fails but with our errors, whatever its bytes', async () => {
    const seeds = HALF.map(([coding, bits, half]) => aiffFile(Uint8Array.from([...half, ...half]), bits, coding, 2));
    const edits = fc.array(fc.tuple(fc.nat(90), fc.integer({ min: 0, max: 255 })), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...seeds), edits, fc.nat(120), async (seed, changes, length) => {
        const bytes = Uint8Array.from(seed.subarray(0, length));
        for (const [at, value] of changes) if (at >= 12 && at < bytes.length) bytes[at] = value;
        expect(await outcome(bytes)).toMatch(/^(sound|refused)$/u);
      }),
      { numRuns: 300 },
    );
  });
});
