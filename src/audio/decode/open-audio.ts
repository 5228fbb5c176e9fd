import { ScriptoriumError } from '../../core/index.ts';
import { openAiff } from './aiff.ts';
import {
  DEFAULT_MAX_SECONDS,
  type AudioStream,
  type AudioWarning,
  type DecodeContext,
  type DecodeLimits,
} from './audio-stream.ts';
import { createByteReader, type ByteReader } from './byte-reader.ts';
import { openFfmpeg } from './ffmpeg/ffmpeg.ts';
import type { FfmpegRunner } from './ffmpeg/runner.ts';
import { openFlac } from './flac/flac.ts';
import { guard } from './guard.ts';
import { skipId3 } from './id3.ts';
import { namedSource } from './source-errors.ts';
import { sniff, SNIFF_BYTES } from './sniff.ts';
import { openWav } from './wav/wav.ts';

export interface OpenAudioOptions {
  /** What the recording is called in messages: a path, or `standard input`. */
  readonly name: string;
  readonly limits?: DecodeLimits;
  /** Decodes what is not decoded here; without it such recordings are refused. */
  readonly ffmpeg?: FfmpegRunner;
  /** The file that `source` reads, if it does: spares `ffmpeg` a copy of it. */
  readonly path?: string;
  /** Whether it is spoken now: what it is must be told by its first bytes. */
  readonly isLive?: boolean;
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
  const { name, limits = { maxSeconds: DEFAULT_MAX_SECONDS }, onWarning = () => {}, isLive = false } = options;
  const reader = createByteReader(namedSource(source, name));
  try {
    const context = { name, warn: warnOnce(onWarning), isLive };
    return guard(await choose(reader, options, context), context, limits);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** The first page of an Ogg stream, and what is looked at of its first packet. */
const LIVE_SNIFF_BYTES = 64;

/** Picks the decoder. Those in WebAssembly are loaded when they are needed: together they take 70 ms. */
async function choose(reader: ByteReader, options: OpenAudioOptions, context: DecodeContext): Promise<AudioStream> {
  const { name, ffmpeg, path, isLive = false } = options;
  if ((await reader.peek(1)).length === 0) throw new ScriptoriumError('audio-empty', `${name} is empty`);
  const tagged = await skipId3(reader);
  const found = sniff(await reader.peek(isLive ? LIVE_SNIFF_BYTES : SNIFF_BYTES));
  switch (found.kind) {
    case 'wav':
      return openWav(reader, context);
    case 'aiff':
      return openAiff(reader, context);
    case 'flac':
      return openFlac(reader, context);
    case 'mp3':
      return (await import('./wasm/mp3.ts')).openMp3(reader, context);
    case 'ogg-opus':
    case 'ogg-vorbis':
    case 'ogg-flac':
      return (await import('./ogg/ogg.ts')).openOgg(reader, found.kind, context);
    case 'webm':
      // It knows all that such a file can hold; without it there is Opus, which is what browsers record.
      if (ffmpeg !== undefined) return openFfmpeg(reader, ffmpeg, 'WebM/Matroska', path, context);
      return (await import('./webm/webm.ts')).openWebm(reader, context);
    case 'other-audio':
      if (ffmpeg !== undefined) return openFfmpeg(reader, ffmpeg, found.what, path, context);
      throw new ScriptoriumError(
        'audio-format-unsupported',
        `${name} is ${found.what} audio: install ffmpeg to read it, or convert it to WAV, FLAC, MP3 or Ogg`,
      );
    case 'not-audio':
      throw new ScriptoriumError('audio-format-unsupported', `${name} is ${found.what}, not audio`);
    case 'unknown':
      if (tagged) return (await import('./wasm/mp3.ts')).openMp3(reader, context);
      return openUnknown(reader, options, context);
  }
}

/** Lets `ffmpeg` try, which knows hundreds of formats; when it fails, nobody knows what this is. */
async function openUnknown(
  reader: ByteReader,
  { name, ffmpeg, path }: OpenAudioOptions,
  context: DecodeContext,
): Promise<AudioStream> {
  const message = `${name} is in a format that is not known`;
  if (ffmpeg === undefined) throw new ScriptoriumError('audio-format-unsupported', message);
  try {
    return await openFfmpeg(reader, ffmpeg, 'other audio', path, context);
  } catch (cause) {
    if (!(cause instanceof ScriptoriumError) || cause.code !== 'audio-damaged') throw cause;
    throw new ScriptoriumError('audio-format-unsupported', message, { cause });
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
