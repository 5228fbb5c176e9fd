import type { FormatName, NativeDocument, NativeSegment } from '../../app/index.ts';

/** What `--json` prints, one a line. Fields may be added; none changes its meaning. */
export type CliEvent =
  | { readonly type: 'start'; readonly input: string; readonly index: number }
  | ({
      readonly type: 'segment';
      readonly input: string;
      readonly index: number;
      readonly channel: number;
    } & NativeSegment)
  | { readonly type: 'transcript'; readonly input: string; readonly index: number; readonly transcript: NativeDocument }
  | {
      readonly type: 'written';
      readonly input: string;
      readonly index: number;
      readonly format: FormatName;
      readonly path: string;
    }
  | { readonly type: 'skipped'; readonly input: string; readonly index: number; readonly path: string }
  | {
      readonly type: 'failed';
      readonly input: string;
      readonly index: number;
      readonly code: string;
      readonly message: string;
      readonly action: string;
    }
  | {
      readonly type: 'end';
      readonly done: number;
      readonly skipped: number;
      readonly failed: number;
      readonly cancelled: number;
      readonly exitCode: number;
    };

export interface Events {
  /** Resolves when the event is on its way. */
  readonly emit: (event: CliEvent) => Promise<void>;
  /** The same for callers that cannot wait; a failure comes out of the next `emit`. */
  readonly post: (event: CliEvent) => void;
}

/** Events in the order in which they were given; none where `--json` was not asked for. */
export function eventWriter(wanted: boolean, write: (text: string) => Promise<void>): Events {
  let tail: Promise<void> = Promise.resolve();
  const emit = (event: CliEvent): Promise<void> => {
    if (!wanted) return Promise.resolve();
    tail = tail.then(() => write(`${JSON.stringify(event)}\n`));
    return tail;
  };
  return {
    emit,
    post: (event) => {
      emit(event).catch(() => undefined);
    },
  };
}
