import { ScriptoriumError } from '../../core/index.ts';

/** Fewest and most samples a second that are believed: telephones have 8,000, studios 192,000. */
const MIN_SOURCE_RATE = 4_000;
const MAX_SOURCE_RATE = 384_000;
/** Most channels that are believed: 22.2 surround has 24. */
const MAX_CHANNELS = 32;
/** Longest array handed on at once, in frames: 0.37 s at 44.1 kHz. */
export const MAX_BLOCK_FRAMES = 16_384;
/** Most seconds decoded unless the caller says otherwise: a day. */
export const DEFAULT_MAX_SECONDS = 86_400;

/** What is wrong with a recording of which something could be used. */
export interface AudioWarning {
  readonly kind: 'truncated' | 'damaged' | 'not-finite' | 'surplus';
  /** One line, with the recording's name. */
  readonly message: string;
}

export interface DecodeLimits {
  /** Longest recording, in seconds of decoded audio. */
  readonly maxSeconds: number;
}

/** One array a channel, all of the same length, at most `MAX_BLOCK_FRAMES`. */
export type AudioBlock = readonly Float32Array[];

/** What a decoder gives: its facts are known, its samples come as they are asked for. */
export interface AudioStream {
  /** Container and coding as people call them, as in `WAV (16 bit PCM)`. */
  readonly format: string;
  /** 1 to 32. */
  readonly channels: number;
  /** Hz, 4,000 to 384,000. */
  readonly sampleRate: number;
  /** Samples a channel that the head promises, where it does: right for a whole file, a guess for others. */
  readonly promised: number | undefined;
  /** Read once, in order; nothing is decoded ahead. Ended or left, it lets go of its decoder. */
  readonly blocks: AsyncIterable<AudioBlock>;
  /** Lets go of decoder, child process and source when `blocks` was not read to its end; idempotent. */
  close(): Promise<void>;
}

/** What every decoder is told. */
export interface DecodeContext {
  /** What the recording is called in messages: a path, or `standard input`. */
  readonly name: string;
  readonly warn: (warning: AudioWarning) => void;
  /** Whether it is spoken now: what is there is decoded, however little it is. */
  readonly isLive: boolean;
}

/** @throws ScriptoriumError when a header claims what no recording has. */
export function checkShape(name: string, format: string, channels: number, sampleRate: number): void {
  const refuse = (claim: string): never => {
    throw new ScriptoriumError('audio-damaged', `${name} is ${format} that claims ${claim}`, {
      details: { channels, sampleRate },
    });
  };
  if (!Number.isInteger(channels) || channels < 1) refuse('no channels');
  if (channels > MAX_CHANNELS) refuse(`${channels} channels; at most ${MAX_CHANNELS} are read`);
  if (!(sampleRate >= MIN_SOURCE_RATE && sampleRate <= MAX_SOURCE_RATE)) {
    refuse(`a sample rate of ${sampleRate} Hz; ${MIN_SOURCE_RATE} to ${MAX_SOURCE_RATE} are read`);
  }
}

/** The warning of a file that ends before its header says. */
export function truncated(name: string, format: string): AudioWarning {
  return {
    kind: 'truncated',
    message: `${name} is cut off or damaged: its ${format} ends early; what is there was used`,
  };
}
