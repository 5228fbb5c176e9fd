/** Jobs as the server shows them. */

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface JobProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly action: string;
}

export interface Job {
  readonly id: string;
  readonly status: JobState;
  readonly model: string;
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256: string };
  /** ISO 8601, as all times. */
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** When the job and its text are deleted. */
  readonly expires_at: string | null;
  readonly progress: {
    readonly audio_seconds_done: number;
    readonly audio_seconds_total: number | null;
    /** 0 to 1; never falls. */
    readonly fraction: number;
    readonly queue_position: number | null;
    readonly eta_seconds: number | null;
  };
  readonly error: JobProblem | null;
  readonly result_url: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface JobList {
  readonly data: readonly Job[];
  /** Give it as `after` for the next page; null on the last. */
  readonly next: string | null;
}

/** What a job is asked for; what is left out is the server's choice. */
export interface JobOptions {
  readonly model?: string;
  readonly task?: 'transcribe' | 'translate';
  readonly language?: string;
  readonly prompt?: string;
  readonly keywords?: readonly string[];
  readonly temperature?: number;
  readonly words?: boolean;
  readonly channels?: 'mix' | 'split';
  readonly metadata?: Readonly<Record<string, string>>;
  /** Told of the end. */
  readonly webhook?: { readonly url: string };
}

/** A piece of text that is settled. */
export interface JobSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly language: string;
}

/** One event of a job; `id` is its number. Branch on `type`. */
export type JobEvent =
  | { readonly type: 'queued'; readonly id: number; readonly data: { readonly at: string } }
  | { readonly type: 'started'; readonly id: number; readonly data: { readonly at: string } }
  | { readonly type: 'progress'; readonly id: number; readonly data: { readonly at: string } & Job['progress'] }
  | {
      readonly type: 'segment';
      readonly id: number;
      readonly data: { readonly channel: number; readonly index: number; readonly segments: readonly JobSegment[] };
    }
  | {
      readonly type: 'succeeded' | 'cancelled';
      readonly id: number;
      readonly data: { readonly at: string; readonly job: Job };
    }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly data: { readonly at: string; readonly error: JobProblem; readonly job: Job };
    };

export const isEnd = ({ type }: JobEvent): boolean => type === 'succeeded' || type === 'failed' || type === 'cancelled';
