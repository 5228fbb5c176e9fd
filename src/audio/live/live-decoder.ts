import type { LiveAudioFormat } from '../../core/index.ts';

/** Turns a client's bytes into samples as they come: mono, 16 kHz, 16 bits. Calls follow each other. */
export interface LiveDecoder {
  /**
   * However the stream is cut into pieces, the samples are the same in all.
   *
   * @throws ScriptoriumError `audio-damaged`, `audio-format-unsupported`.
   */
  push(bytes: Uint8Array): Promise<Int16Array>;
  /** The rest. @throws ScriptoriumError as `push`, and `audio-empty` when a container never began. */
  end(): Promise<Int16Array>;
  /** Whether more came than the stream says to be: nobody hears it. */
  hasMore(): boolean;
  close(): Promise<void>;
}

/** Encodings of single samples: any byte may be followed by a cut. */
export type PlainEncoding = Extract<LiveAudioFormat['encoding'], 'pcm_s16le' | 'pcm_f32le' | 'mulaw' | 'alaw'>;

export const NO_SAMPLES = new Int16Array(0);
