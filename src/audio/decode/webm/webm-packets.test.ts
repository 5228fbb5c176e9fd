import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFixtureBytes } from '../../testing/fixtures.ts';
import { createWebmDemuxer } from './webm-packets.ts';

const UNKNOWN = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

function element(id: number, body: Buffer | typeof UNKNOWN, isOpen = false): Buffer {
  const name = Buffer.from(id.toString(16).padStart(2 * Math.ceil(id.toString(16).length / 2), '0'), 'hex');
  if (isOpen) return Buffer.concat([name, UNKNOWN, body]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(0x10_00_00_00 + body.length);
  return Buffer.concat([name, size, body]);
}

const block = (packet: Uint8Array): Buffer => Buffer.concat([Buffer.from([0x81, 0, 0, 0x80]), packet]);

/** As a browser's recorder writes it: neither segment nor cluster says how long it is. */
function recorded(head: Uint8Array, packets: readonly Uint8Array[]): Buffer {
  const video = Buffer.concat([element(0xd7, Buffer.from([2])), element(0x86, Buffer.from('V_VP8'))]);
  const audio = Buffer.concat([
    element(0xd7, Buffer.from([1])),
    element(0x86, Buffer.from('A_OPUS')),
    element(0x63a2, Buffer.from(head)),
  ]);
  const tracks = element(0x1654ae6b, Buffer.concat([element(0xae, video), element(0xae, audio)]));
  const clusters = packets.map((packet, i) =>
    element(0x1f43b675, Buffer.concat([element(0xe7, Buffer.from([i])), element(0xa3, block(packet))]), true),
  );
  const header = element(0x1a45dfa3, Buffer.from('anything'));
  return Buffer.concat([header, element(0x18538067, Buffer.concat([tracks, ...clusters]), true)]);
}

function demuxed(
  bytes: Uint8Array,
  lengths: readonly number[],
): { head: Uint8Array | undefined; packets: Uint8Array[] } {
  const demuxer = createWebmDemuxer();
  const packets: Uint8Array[] = [];
  for (let at = 0, next = 0; at < bytes.length; next++) {
    const length = lengths[next % lengths.length] ?? 1;
    packets.push(...demuxer.push(bytes.subarray(at, at + length)));
    at += length;
  }
  return { head: demuxer.head(), packets };
}

const packetsArb = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 });
const lengthsArb = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 });

test('gives the packets of the Opus track, whatever sizes are unknown and however the bytes come', () => {
  const head = new Uint8Array(19).fill(7);
  fc.assert(
    fc.property(packetsArb, lengthsArb, (packets, lengths) => {
      const found = demuxed(recorded(head, packets), lengths);
      expect(found.head).toEqual(head);
      expect(found.packets.map((packet) => [...packet])).toEqual(packets.map((packet) => [...packet]));
    }),
  );
});

test('reads what ffmpeg has written', async () => {
  const { head, packets } = demuxed(await readFixtureBytes('jfk.webm'), [4096]);
  expect(Buffer.from(head ?? []).toString('latin1', 0, 8)).toBe('OpusHead');
  // 20 ms each.
  expect(packets.length).toBeGreaterThan(540);
});

test('noise is refused or gives nothing, and is never held on to', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 10 }), (parts) => {
      const demuxer = createWebmDemuxer();
      const outcome = (): string => {
        try {
          return parts.every((part) => demuxer.push(part).length === 0) ? 'nothing' : 'packets';
        } catch (error) {
          return error instanceof Error ? 'refused' : 'thrown';
        }
      };
      expect(['nothing', 'refused']).toContain(outcome());
    }),
  );
});

test('an element that claims to be huge is refused before it is waited for', () => {
  const demuxer = createWebmDemuxer();
  const huge = Buffer.concat([Buffer.from([0xa3]), Buffer.from([0x01, 0, 0, 0x10, 0, 0, 0, 0])]);
  expect(() => demuxer.push(huge)).toThrow(/element/);
});

test('passes over pictures of any usual size, and refuses them as sound', () => {
  const head = new Uint8Array(19).fill(7);
  const ofTrack = (track: number): Buffer =>
    element(0xa3, Buffer.concat([Buffer.from([0x80 + track, 0, 0, 0x80]), Buffer.alloc(1_500_000)]));
  const after = element(0xa3, block(Uint8Array.from([1, 2, 3])));
  const file = recorded(head, []);
  const { packets } = demuxed(Buffer.concat([file, ofTrack(2), after]), [50_001]);
  expect(packets.map((packet) => [...packet])).toEqual([[1, 2, 3]]);
  expect(() => demuxed(Buffer.concat([file, ofTrack(1), after]), [50_001])).toThrow(/Opus packet/);
});
