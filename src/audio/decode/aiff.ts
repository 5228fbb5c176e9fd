import { ScriptoriumError } from '../../core/index.ts';
import { checkShape, truncated, type AudioStream, type DecodeContext } from './audio-stream.ts';
import type { ByteReader } from './byte-reader.ts';
import { describeEncoding, pcmCodec, type PcmEncoding } from './pcm.ts';
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
      return {
        format,
        channels,
        sampleRate,
        blocks: readBlocks(reader, pcmCodec(encoding, channels), length, () => warn(truncated(name, format))),
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
    encoding: encodingOf(coding, Math.ceil(fields.getUint16(6) / 8)),
    coding,
  };
}

function encodingOf(coding: string, bytes: number): PcmEncoding | undefined {
  switch (coding) {
    case 'NONE':
    case 'twos':
    case 'sowt':
      if (bytes !== 1 && bytes !== 2 && bytes !== 3 && bytes !== 4) return undefined;
      return { kind: 'signed', bytes, bigEndian: coding !== 'sowt' };
    case 'raw ':
      return { kind: 'unsigned', bytes: 1 };
    case 'in24':
      return { kind: 'signed', bytes: 3, bigEndian: true };
    case 'in32':
      return { kind: 'signed', bytes: 4, bigEndian: true };
    case 'fl32':
    case 'FL32':
      return { kind: 'float', bytes: 4, bigEndian: true };
    case 'fl64':
    case 'FL64':
      return { kind: 'float', bytes: 8, bigEndian: true };
    case 'ulaw':
    case 'ULAW':
      return { kind: 'mu-law', bytes: 1 };
    case 'alaw':
    case 'ALAW':
      return { kind: 'a-law', bytes: 1 };
    default:
      return undefined;
  }
}

/** The 80 bit float that rates are kept in: 15 bits of exponent, 64 of fraction with its first one (IEEE 754). */
function readExtended(fields: DataView, at: number): number {
  const exponent = fields.getUint16(at) & 0x7fff;
  const fraction = fields.getUint32(at + 2) * 2 ** 32 + fields.getUint32(at + 6);
  return fraction * 2 ** (exponent - 16_383 - 63);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
