/** What the composed product offers to its faces (command line, later the server): files in, transcripts out. */
import type { EngineStats, Millis, ModelInfo, Transcript, TranscriptSegment } from '../core/index.ts';

/** A recording to read: a file, or a stream that can be read once. */
export interface AudioInput {
  /** What messages call it: the path as the user gave it, or `stdin`. */
  readonly name: string;
  /** Set for a file on disk: it can be read again and sought, which some containers need. */
  readonly path?: string;
  /** Size, where it is known before reading. */
  readonly bytes?: number;
  /**
   * The bytes from the start. Called once for a stream, any number of times for a file.
   * @throws ScriptoriumError `input-missing` or `input-unreadable`, while iterating.
   */
  open(): AsyncIterable<Uint8Array>;
}

/** How one recording is to be transcribed; the engine's `DecodeOptions` describe the numbers. */
export interface TranscribeRequest {
  /** ISO 639-1 code, or `auto`. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  /** Rows of the beam; 1 is greedy. 1 to 8. */
  readonly beamSize: number;
  /** Tried in order until one passes the thresholds; never empty. */
  readonly temperatures: readonly number[];
  readonly lengthPenalty: number;
  readonly compressionRatioThreshold: number;
  readonly logprobThreshold: number;
  readonly noSpeechThreshold: number;
  readonly prompt?: string;
  readonly keywords: readonly string[];
  /** Whether each segment carries the times of its words; segments are then sentences rather than stretches of speech. */
  readonly words: boolean;
  /** Whether to decode Whisper's own time stamps. */
  readonly timestamps: boolean;
  /** Whether a segment's text is the prompt of the next one. */
  readonly previousText: boolean;
  /** `mix` makes one transcript of all channels; `split` one a channel. */
  readonly channels: 'mix' | 'split';
  readonly suppressSymbols: boolean;
  readonly seed: number;
}

/** How far one transcription is; none of the numbers ever goes back. */
export interface Progress {
  readonly decodedMs: Millis;
  /** Audio that is done with: transcribed, or known to hold no speech; of what is at work, an estimate. */
  readonly transcribedMs: Millis;
  /** Known for most containers from the start, for all from the end of decoding. */
  readonly totalMs?: Millis;
}

export interface TranscribeHooks {
  /**
   * Called once the recording is open, with the number of transcripts that it will become. Nothing is transcribed before it
   * resolves; what it rejects with ends the work.
   */
  readonly onOpened?: (transcripts: number) => Promise<void>;
  readonly onProgress?: (progress: Progress) => void;
  /** Each segment once it is final, in order within its channel (0 unless channels are split). */
  readonly onSegment?: (segment: TranscriptSegment, channel: number) => void;
  readonly signal?: AbortSignal;
}

/** A model that is known by name, whether it is on this machine or not. */
export interface ModelEntry {
  readonly name: string;
  /** Size of its files. */
  readonly bytes: number;
  /** `built-in` ships with the package; `installed` was pulled; `absent` can be pulled. */
  readonly state: 'built-in' | 'installed' | 'absent';
  readonly multilingual: boolean;
  /** SPDX identifier, or a name where there is none. */
  readonly licence: string;
  /** Where it is pulled from. */
  readonly source: string;
  /** Of the file, hex; absent where nobody has published one that we could check. */
  readonly sha256?: string;
  /** Where it stands, unless absent. */
  readonly path?: string;
}

/** A model that was opened and read. */
export interface ModelDetails extends ModelInfo {
  readonly path: string;
  readonly bytes: number;
  readonly format: 'ggml' | 'huggingface';
  /** Numbers of the shape by name: layers, heads, widths, contexts. */
  readonly shape: Readonly<Record<string, number>>;
}

/** `sha256` compared the whole file with the catalogue, `structure` only opened it for want of a known sum. */
export interface ModelVerdict {
  readonly name: string;
  readonly path: string;
  readonly by: 'sha256' | 'structure';
  readonly sound: boolean;
  /** Why it is not sound; empty when it is. */
  readonly reason: string;
}

export interface PullOptions {
  /** URL or folder to take the file from in place of the catalogue's source. */
  readonly mirror?: string;
  readonly onProgress?: (progress: { readonly receivedBytes: number; readonly totalBytes?: number }) => void;
  readonly signal?: AbortSignal;
}

export interface ModelsApi {
  /** Every known model, small ones first. */
  list(): Promise<readonly ModelEntry[]>;
  /** @param model a name, or the path of a file or folder. @throws ScriptoriumError `model-missing`, `model-invalid`. */
  info(model: string): Promise<ModelDetails>;
  /**
   * Downloads or copies a model, resuming what an earlier try left; the file appears whole and checked, or not at all.
   * @throws ScriptoriumError `model-missing` for an unknown name, `model-download-failed`, `model-invalid`, `cancelled`.
   */
  pull(name: string, options?: PullOptions): Promise<ModelEntry>;
  /** Deletes a pulled model and resolves with what stood where. @throws ScriptoriumError `model-missing`. */
  remove(name: string): Promise<{ readonly path: string; readonly bytes: number }>;
  /** @param model a name or path; without it, every model on this machine. @throws ScriptoriumError `model-missing`. */
  verify(model?: string): Promise<readonly ModelVerdict[]>;
}

export interface DoctorCheck {
  /** Two or three words: `ffmpeg`, `cache folder`. */
  readonly name: string;
  /** `warn` works with less; `fail` keeps transcription from working. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** One line of what was found. */
  readonly detail: string;
  /** What to do about it; absent when `ok`. */
  readonly fix?: string;
  /** The same as values, for machines. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** The product, composed. Creating one loads no model: the first transcription does, and all share it. */
export interface App extends AsyncDisposable {
  readonly models: ModelsApi;
  /**
   * Transcribes one recording. Calls at the same time share the engine's batch.
   *
   * @returns one transcript; with `channels: 'split'`, one a channel, in order.
   * @throws ScriptoriumError as the table `core/errors.ts` lists them; `cancelled` soon after `signal` aborts.
   */
  transcribe(input: AudioInput, request: TranscribeRequest, hooks?: TranscribeHooks): Promise<readonly Transcript[]>;
  /**
   * Only decodes a recording, and loads no model: its samples at 16 kHz, mixed to one channel, in [-1, 1], as they come.
   * @throws ScriptoriumError for what is no recording, while iterating; the signal's reason.
   */
  decode(input: AudioInput, signal: AbortSignal): AsyncIterable<Float32Array>;
  /** Looks at the machine, yielding each check when it is done; the last transcribes a bundled recording. */
  doctor(signal?: AbortSignal): AsyncIterable<DoctorCheck>;
  /** Versions of what a bug report needs, by name; never fails. */
  versions(): Promise<Readonly<Record<string, string>>>;
  /** Of the engine that is loaded; undefined before the first transcription. */
  stats(): EngineStats | undefined;
}

/** What the product may touch of the world beside the files and folders that its config names. */
export interface AppIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof fetch;
  /** Monotonic, from any start. */
  readonly now: () => Millis;
  /** One line for the person at the terminal. */
  readonly warn: (message: string) => void;
}
