/** What the engine's host and its child process say to each other, over Node's IPC channel with structured clone. */
import type { DecodeOptions, EngineResult, EngineStats, ErrorCode, ModelInfo, Segment } from '../../../core/index.ts';
import type { Precision } from '../graph/layers.ts';
import type { AttentionHead } from '../model/whisper-model.ts';

export interface LoadRequest {
  readonly modelPath: string;
  readonly modelName: string;
  readonly alignmentHeads?: readonly AttentionHead[];
  /** Where built graphs are kept. */
  readonly cacheFolder: string;
  readonly precision: Precision;
  /** Of the one session that runs at a time, while no sibling has work. */
  readonly threads: number;
}

export interface ChildFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

export type ChildCounts = Omit<EngineStats, 'restarts' | 'outgrown' | 'memoryBytes'>;

export type ToChild =
  | { readonly type: 'load'; readonly request: LoadRequest }
  | { readonly type: 'transcribe'; readonly id: number; readonly segment: Segment; readonly options: DecodeOptions }
  | { readonly type: 'cancel'; readonly id: number }
  /** Whether siblings have work now. */
  | { readonly type: 'company'; readonly others: boolean };

export type FromChild =
  /** `groups`: segments in the decode batch at once. */
  | { readonly type: 'ready'; readonly info: ModelInfo; readonly groups: number }
  | { readonly type: 'refused'; readonly failure: ChildFailure }
  /** Sent between steps: somebody is at work, and so far with these segments, in [0, 1]. */
  | { readonly type: 'alive'; readonly progress: readonly (readonly [id: number, share: number])[] }
  /** What the process takes, resident: before it is ready, now and then at work, and after each result. */
  | { readonly type: 'memory'; readonly bytes: number }
  | { readonly type: 'result'; readonly id: number; readonly result: EngineResult; readonly counts: ChildCounts }
  | { readonly type: 'failed'; readonly id: number; readonly failure: ChildFailure };
