import { ScriptoriumError } from '../../core/index.ts';
import { checkShape, truncated, type AudioStream, type DecodeContext } from './audio-stream.ts';
import type { ByteReader } from './byte-reader.ts';
import { describeEncoding, pcmCodec, promisedFrames, type PcmEncoding } from './pcm.ts';
import { readBlocks } from './read-blocks.ts';

/** Longest `COMM` chunk that is believed: 22 bytes and the name of the coding. */
const MAX_COMMON_BYTES = 1_024;
/** Sizes from here on are a stream's, whose writer did not know. */
const UNKNOWN_FROM = 0x7fff_0000;

interface Common {
  readonly channels: number;
  readonly sampleRate: number;
  readonly encoding: PcmEncoding | undefined;
  /** Four letters (AIFF-C, Apple 1991), `NONE` for plain AIFF. */
  readonly coding: string;
}

/**
 * Decodes AIFF and AIFF-C: PCM of 8 to 32 bits in both byte orders, floats, mu-law and A-law.
 *
 * @throws ScriptoriumError `audio-damaged` without a usable head, `audio-format-unsupported` for other codings.
 */
export async function openAiff(reader: ByteReader, context: DecodeContext): Promise<AudioStream> {
  const { name, warn } = context;
  const damaged = (what: string): never => {
    throw new ScriptoriumError('audio-damaged', `${name} is an AIFF file ${what}`);
  };
  await reader.skip(12);
  let common: Common | undefined;
  for (;;) {
    const head = await reader.read(8);
    if (head.length < 8) return damaged(common === undefined ? 'without a format' : 'without samples');
    const id = String.fromCharCode(...head.subarray(0, 4));
    const size = view(head).getUint32(4);
    if (id === 'COMM') {
      if (size > MAX_COMMON_BYTES) damaged(`that claims a header of ${size} bytes`);
      const body = await reader.read(size);
      if (body.length < size || size < 18) damaged('that ends in its header');
      common = parseCommon(body);
      await reader.skip(size % 2);
    } else if (id === 'SSND') {
      if (common === undefined) return damaged('without a format before its samples');
      const { channels, sampleRate, encoding, coding } = common;
      checkShape(name, 'AIFF', channels, sampleRate);
      if (encoding === undefined) {
        throw new ScriptoriumError(
          'audio-format-unsupported',
          `${name} is AIFF-C audio in ${coding}, which is not read`,
        );
      }
      const start = await reader.read(8);
      const offset = start.length < 8 ? 0 : view(start).getUint32(0);
      await reader.skip(offset);
      const format = `AIFF (${describeEncoding(encoding)})`;
      const length = size >= UNKNOWN_FROM ? Infinity : Math.max(0, size - 8 - offset);
      const codec = pcmCodec(encoding, channels);
      return {
        format,
        channels,
        sampleRate,
        promised: promisedFrames(codec, length),
        blocks: readBlocks(reader, codec, length, () => warn(truncated(name, format))),
        close: () => reader.close(),
      };
    } else {
      await reader.skip(size + (size % 2));
    }
  }
}

function parseCommon(body: Uint8Array): Common {
  const fields = view(body);
  const coding = body.length >= 22 ? String.fromCharCode(...body.subarray(18, 22)) : 'NONE';
  return {
    channels: fields.getUint16(0),
    sampleRate: Math.round(readExtended(fields, 8)),
    encoding: ENCODINGS.get(coding)?.(Math.ceil(fields.getUint16(6) / 8)),
    coding,
  };
}

type EncodingBySize = (bytes: number) => PcmEncoding | undefined;

function integer(bigEndian: boolean): EncodingBySize {
  return (bytes) =>
    bytes === 1 || bytes === 2 || bytes === 3 || bytes === 4 ? { kind: 'signed', bytes, bigEndian } : undefined;
}

const BIG_INTEGER = integer(true);
const FLOAT_32: EncodingBySize = () => ({ kind: 'float', bytes: 4, bigEndian: true });
const FLOAT_64: EncodingBySize = () => ({ kind: 'float', bytes: 8, bigEndian: true });
const MU_LAW: EncodingBySize = () => ({ kind: 'mu-law', bytes: 1 });
const A_LAW: EncodingBySize = () => ({ kind: 'a-law', bytes: 1 });

/** By the four letters of AIFF-C, `NONE` for plain AIFF; the size matters to integers only. */
const ENCODINGS: ReadonlyMap<string, EncodingBySize> = new Map([
  ['NONE', BIG_INTEGER],
  ['twos', BIG_INTEGER],
  ['sowt', integer(false)],
  ['in24', BIG_INTEGER],
  ['in32', BIG_INTEGER],
  ['raw ', () => ({ kind: 'unsigned', bytes: 1 })],
  ['fl32', FLOAT_32],
  ['FL32', FLOAT_32],
  ['fl64', FLOAT_64],
  ['FL64', FLOAT_64],
  ['ulaw', MU_LAW],
  ['ULAW', MU_LAW],
  ['alaw', A_LAW],
  ['ALAW', A_LAW],
]);

export const READ_AIFC_CODINGS: ReadonlySet<string> = new Set(ENCODINGS.keys());

/** The 80 bit float that rates are kept in: 15 bits of exponent, 64 of fraction with its first one (IEEE 754). */
function readExtended(fields: DataView, at: number): number {
  const exponent = fields.getUint16(at) & 0x7fff;
  const fraction = fields.getUint32(at + 2) * 2 ** 32 + fields.getUint32(at + 6);
  return fraction * 2 ** (exponent - 16_383 - 63);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
