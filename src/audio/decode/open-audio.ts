import { ScriptoriumError } from '../../core/index.ts';
import { DEFAULT_MAX_SECONDS, type AudioStream, type AudioWarning, type DecodeLimits } from './audio-stream.ts';
import { createByteReader } from './byte-reader.ts';
import { guard } from './guard.ts';
import { namedSource } from './source-errors.ts';
import { sniff, SNIFF_BYTES } from './sniff.ts';
import { openWav } from './wav/wav.ts';

export interface OpenAudioOptions {
  /** What the recording is called in messages: a path, or `standard input`. */
  readonly name: string;
  readonly limits?: DecodeLimits;
  /** Told what is wrong with a recording that could still be used; each kind at most once. */
  readonly onWarning?: (warning: AudioWarning) => void;
}

/**
 * Opens a recording by what its first bytes are, never by its name. Samples are finite numbers, in blocks of bounded
 * size, decoded as they are read; a recording that ends early or is damaged gives what it holds and a warning.
 *
 * @param source the file's bytes in order; read no further than needed, let go of when the stream ends or is closed.
 * @throws ScriptoriumError `audio-format-unsupported`, `audio-damaged` or `audio-empty`, now or when the blocks are
 *   read, `audio-too-long` when they are; `input-missing` or `input-unreadable` when the source fails.
 */
export async function openAudio(source: AsyncIterable<Uint8Array>, options: OpenAudioOptions): Promise<AudioStream> {
  const { name, limits = { maxSeconds: DEFAULT_MAX_SECONDS }, onWarning = () => {} } = options;
  const reader = createByteReader(namedSource(source, name));
  try {
    const head = await reader.peek(SNIFF_BYTES);
    if (head.length === 0) throw new ScriptoriumError('audio-empty', `${name} is empty`);
    const found = sniff(head);
    const context = { name, warn: warnOnce(onWarning) };
    if (found.kind === 'wav') return guard(await openWav(reader, context), context, limits);
    if (found.kind === 'not-audio') {
      throw new ScriptoriumError('audio-format-unsupported', `${name} is ${found.what}, not audio`);
    }
    throw new ScriptoriumError('audio-format-unsupported', `${name} is in a format that is not known`);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function warnOnce(onWarning: (warning: AudioWarning) => void): (warning: AudioWarning) => void {
  const told = new Set<AudioWarning['kind']>();
  return (warning) => {
    if (told.has(warning.kind)) return;
    told.add(warning.kind);
    onWarning(warning);
  };
}
