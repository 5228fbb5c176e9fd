import { ScriptoriumError } from '../../../core/index.ts';
import { checkShape, truncated, type AudioStream, type DecodeContext } from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { describeEncoding, pcmCodec, promisedFrames, type BlockCodec, type PcmEncoding } from '../pcm.ts';
import { readBlocks } from '../read-blocks.ts';
import { upToEnd } from '../up-to-end.ts';
import { imaAdpcmCodec, MAX_ADPCM_BLOCK_BYTES, msAdpcmCodec } from './adpcm.ts';
import { gsmCodec } from './gsm.ts';
import { readWavHeader, WAVE_TAG, type WavHeader } from './wav-header.ts';

/** Decodes RIFF, RF64 and BW64 WAVE. @throws ScriptoriumError for a damaged header or a coding that is not known. */
export async function openWav(reader: ByteReader, context: DecodeContext): Promise<AudioStream> {
  const { name, warn } = context;
  const header = await readWavHeader(reader, name);
  checkShape(name, 'WAV', header.channels, header.sampleRate);
  const { codec, coding } = chooseCodec(header, name);
  const format = `WAV (${coding})`;
  const blocks = readBlocks(reader, codec, header.dataBytes, () => warn(truncated(name, format)));
  return {
    format,
    channels: header.channels,
    sampleRate: header.sampleRate,
    promised: promisedFrames(codec, header.dataBytes),
    blocks: upToEnd(blocks, reader, header.tagBytes, context),
    close: () => reader.close(),
  };
}

function chooseCodec(header: WavHeader, name: string): { readonly codec: BlockCodec; readonly coding: string } {
  const encoding = pcmEncoding(header);
  if (encoding !== undefined) {
    return { codec: pcmCodec(encoding, header.channels), coding: describeEncoding(encoding) };
  }
  const block = header.blockAlign;
  if (header.tag === WAVE_TAG.imaAdpcm && block > 4 * header.channels && block <= MAX_ADPCM_BLOCK_BYTES) {
    return { codec: imaAdpcmCodec(header.channels, block), coding: 'IMA ADPCM' };
  }
  if (header.tag === WAVE_TAG.msAdpcm && block > 7 * header.channels && block <= MAX_ADPCM_BLOCK_BYTES) {
    return { codec: msAdpcmCodec(header.channels, block, msPredictors(header.extra)), coding: 'MS ADPCM' };
  }
  if (header.tag === WAVE_TAG.gsm610 && header.channels === 1) return { codec: gsmCodec(), coding: 'GSM 6.10' };
  throw new ScriptoriumError(
    'audio-format-unsupported',
    `${name} is WAV audio in a coding that is not known (tag ${header.tag}, ${header.bits} bits)`,
    { details: { tag: header.tag, bits: header.bits } },
  );
}

/** The predictor pairs behind samples a block and their own count (`ADPCMWAVEFORMAT`). */
function msPredictors(extra: Uint8Array): readonly (readonly [number, number])[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  if (view.byteLength < 4) return [];
  const count = Math.min(view.getUint16(2, true), Math.floor((view.byteLength - 4) / 4));
  return Array.from({ length: count }, (_, i) => [view.getInt16(4 + 4 * i, true), view.getInt16(6 + 4 * i, true)]);
}

/** The plain coding of the samples; `undefined` for others. Containers wider than their bits hold them at the top. */
function pcmEncoding({ tag, bits, channels, blockAlign }: WavHeader): PcmEncoding | undefined {
  const stated = blockAlign / channels;
  const bytes = Number.isInteger(stated) && stated * 8 >= bits ? stated : Math.ceil(bits / 8);
  if (tag === WAVE_TAG.muLaw && bytes === 1) return { kind: 'mu-law', bytes };
  if (tag === WAVE_TAG.aLaw && bytes === 1) return { kind: 'a-law', bytes };
  if (tag === WAVE_TAG.float && (bytes === 4 || bytes === 8)) return { kind: 'float', bytes, bigEndian: false };
  if (tag !== WAVE_TAG.pcm) return undefined;
  if (bytes === 1) return { kind: 'unsigned', bytes };
  if (bytes === 2 || bytes === 3 || bytes === 4) return { kind: 'signed', bytes, bigEndian: false };
  return undefined;
}
