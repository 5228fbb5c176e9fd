import type { JobOutcome, TranscriptionEvent, TranscriptionRecord } from '../../src/core/index.ts';
import { millis, newRecord } from '../../src/core/index.ts';
import { PLAIN } from '../../src/core/testing/made-decoding.ts';

/** A record that is told from others by its name. */
export const recordOf = (name: string): TranscriptionRecord =>
  newRecord(
    {
      name,
      jobClass: 'batch',
      channels: 'mix',
      model: 'tiny',
      options: PLAIN,
      sha256: '00',
      bytes: 1,
      retention: millis(1000),
      metadata: {},
    },
    millis(0),
  );

/** An event that is told from others by its number. */
export const eventOf = (number: number): TranscriptionEvent => ({ type: 'progress', doneMs: millis(number) });

export const eventsOf = (from: number, to: number): readonly TranscriptionEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => eventOf(from + index));

/** An outcome that is told from others by its message. */
export const outcomeOf = (message: string): JobOutcome => ({ type: 'failed', code: 'engine-failed', message });
