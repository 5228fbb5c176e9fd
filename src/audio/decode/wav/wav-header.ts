import { ScriptoriumError } from '../../../core/index.ts';
import type { ByteReader } from '../byte-reader.ts';

/** `WAVE_FORMAT_*` tags (mmreg.h) that are read here. */
export const WAVE_TAG = {
  pcm: 0x0001,
  msAdpcm: 0x0002,
  float: 0x0003,
  aLaw: 0x0006,
  muLaw: 0x0007,
  imaAdpcm: 0x0011,
  gsm610: 0x0031,
  extensible: 0xfffe,
} as const;

/** Those of samples, which a format names by itself or behind `extensible`. */
export const READ_WAVE_TAGS: ReadonlySet<number> = new Set(
  Object.values(WAVE_TAG).filter((tag) => tag !== WAVE_TAG.extensible),
);

/** Longest `fmt ` chunk that is believed; real ones have 16 to 50 bytes, MS ADPCM with all its tables 1,074. */
const MAX_FORMAT_BYTES = 4_096;
/** Chunks of 2 GiB less a little: what programs write that cannot know or seek back. */
const UNKNOWN_FROM = 0x7fff_0000;

export interface WavHeader {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly blockAlign: number;
  readonly bits: number;
  /** What follows the eighteen bytes that all codings share. */
  readonly extra: Uint8Array;
  /** Bytes of samples; `Infinity` when the writer did not know. */
  readonly dataBytes: number;
  /** Bytes behind the samples that the file counts as its own; 0 when it does not say. */
  readonly tagBytes: number;
}

type Format = Omit<WavHeader, 'dataBytes' | 'tagBytes'>;

/**
 * Reads up to the first byte of samples. Takes RIFF, and RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088) with their
 * 64 bit sizes; passes over other chunks, of odd length too.
 *
 * @throws ScriptoriumError `audio-damaged` when there is no format or no samples, or sizes contradict each other.
 */
export async function readWavHeader(reader: ByteReader, name: string): Promise<WavHeader> {
  const damaged = (what: string): never => {
    throw new ScriptoriumError('audio-damaged', `${name} is a WAV file ${what}`);
  };
  const riff = view(await reader.read(12));
  const riffBytes = riff.byteLength === 12 ? riff.getUint32(4, true) : damaged('that ends in its header');
  let format: Format | undefined;
  let longBytes: number | undefined;
  for (;;) {
    const head = await reader.read(8);
    if (head.length < 8) return damaged(format === undefined ? 'without a format' : 'without samples');
    const id = String.fromCharCode(...head.subarray(0, 4));
    const size = view(head).getUint32(4, true);
    if (id === 'data') {
      if (format === undefined) return damaged('without a format before its samples');
      const position = reader.position();
      const length = dataBytes(size, riffBytes, position, longBytes);
      return { ...format, dataBytes: length, tagBytes: tagBytes(riffBytes + 8 - position, length) };
    }
    const padding = size % 2;
    if (id === 'fmt ' || id === 'ds64') {
      if (size > MAX_FORMAT_BYTES) damaged(`that claims a header of ${size} bytes`);
      const body = await reader.read(size);
      if (body.length < size) damaged('that ends in its header');
      if (id === 'fmt ') format = parseFormat(body) ?? damaged('with too short a format');
      else if (size >= 16) longBytes = Number(view(body).getBigUint64(8, true));
      await reader.skip(padding);
    } else {
      await reader.skip(size + padding);
    }
  }
}

function parseFormat(body: Uint8Array): Format | undefined {
  if (body.length < 14) return undefined;
  const fields = view(body);
  const bits = body.length >= 16 ? fields.getUint16(14, true) : 8;
  const extra = body.subarray(18);
  return {
    tag: wavTag(body),
    channels: fields.getUint16(2, true),
    sampleRate: fields.getUint32(4, true),
    blockAlign: fields.getUint16(12, true),
    bits,
    extra: Uint8Array.from(extra),
  };
}

/** The coding's tag, which `WAVE_FORMAT_EXTENSIBLE` keeps in the first two bytes of its sub-format, at 24. */
export function wavTag(format: Uint8Array): number {
  const fields = view(format);
  const tag = fields.getUint16(0, true);
  return tag === WAVE_TAG.extensible && format.length >= 26 ? fields.getUint16(24, true) : tag;
}

function dataBytes(size: number, riffBytes: number, position: number, longBytes: number | undefined): number {
  if (size === 0xffff_ffff && longBytes !== undefined) {
    return longBytes === 0 || longBytes >= Number.MAX_SAFE_INTEGER ? Infinity : longBytes;
  }
  if (size >= UNKNOWN_FROM) return Infinity;
  // A size of 0 is a stream's, unless the file's own size says that nothing or only other chunks follow.
  if (size === 0 && (riffBytes === 0 || riffBytes >= UNKNOWN_FROM || riffBytes + 8 <= position)) return Infinity;
  return size;
}

/** Not all count the byte that makes an odd length even. */
const tagBytes = (left: number, length: number): number =>
  Number.isFinite(length) ? Math.max(left - length, length % 2) : 0;

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
