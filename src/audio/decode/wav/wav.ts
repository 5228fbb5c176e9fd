import { ScriptoriumError } from '../../../core/index.ts';
import { checkShape, truncated, type AudioStream, type DecodeContext } from '../audio-stream.ts';
import type { ByteReader } from '../byte-reader.ts';
import { describeEncoding, pcmCodec, type BlockCodec, type PcmEncoding } from '../pcm.ts';
import { readBlocks } from '../read-blocks.ts';
import { readWavHeader, WAVE_TAG, type WavHeader } from './wav-header.ts';

/** Decodes RIFF, RF64 and BW64 WAVE. @throws ScriptoriumError for a damaged header or a coding that is not known. */
export async function openWav(reader: ByteReader, context: DecodeContext): Promise<AudioStream> {
  const { name, warn } = context;
  const header = await readWavHeader(reader, name);
  checkShape(name, 'WAV', header.channels, header.sampleRate);
  const { codec, coding } = chooseCodec(header, name);
  const format = `WAV (${coding})`;
  return {
    format,
    channels: header.channels,
    sampleRate: header.sampleRate,
    blocks: readBlocks(reader, codec, header.dataBytes, () => warn(truncated(name, format))),
    close: () => reader.close(),
  };
}

function chooseCodec(header: WavHeader, name: string): { readonly codec: BlockCodec; readonly coding: string } {
  const encoding = pcmEncoding(header);
  if (encoding !== undefined) {
    return { codec: pcmCodec(encoding, header.channels), coding: describeEncoding(encoding) };
  }
  throw new ScriptoriumError(
    'audio-format-unsupported',
    `${name} is WAV audio in a coding that is not known (tag ${header.tag}, ${header.bits} bits)`,
    { details: { tag: header.tag, bits: header.bits } },
  );
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
