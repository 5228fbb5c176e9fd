/** What a run of live sessions was like for those who spoke. */
import { quantile } from '../measure/statistics.ts';
import { errorRate, sumErrors, wordErrors } from '../score/word-errors.ts';

export interface SpokenResult {
  readonly finals: readonly number[];
  readonly firsts: readonly number[];
  readonly gaps: readonly number[];
  readonly settled: readonly number[];
  readonly takenBack: number;
  readonly text: string;
  /** Of the same clips as files. */
  readonly batch: string;
  readonly reference: string;
  readonly slip: number;
}

/** Times in milliseconds. */
export interface Measured {
  /** That were asked for, and that were refused because the server was too busy. */
  readonly sessions: number;
  readonly refused: number;
  readonly finals: number;
  readonly final50: number;
  readonly final95: number;
  readonly first95: number;
  readonly gap95: number;
  readonly settled50: number;
  readonly settled95: number;
  readonly takenBack: number;
  readonly wordErrors: number;
  /** Of the same clips as files. */
  readonly batchErrors: number;
  readonly slip: number;
}

export function measured(sessions: number, all: readonly SpokenResult[]): Measured {
  const finals = all.flatMap((one) => one.finals);
  const settled = all.flatMap((one) => one.settled);
  return {
    sessions,
    refused: sessions - all.length,
    finals: finals.length,
    final50: quantile(finals, 0.5),
    final95: quantile(finals, 0.95),
    first95: quantile(
      all.flatMap((one) => one.firsts),
      0.95,
    ),
    gap95: quantile(
      all.flatMap((one) => one.gaps),
      0.95,
    ),
    settled50: quantile(settled, 0.5),
    settled95: quantile(settled, 0.95),
    takenBack: all.reduce((sum, one) => sum + one.takenBack, 0),
    wordErrors: errorRate(sumErrors(all.map(({ reference, text }) => wordErrors(reference, text)))),
    batchErrors: errorRate(sumErrors(all.map(({ reference, batch }) => wordErrors(reference, batch)))),
    slip: Math.max(...all.map(({ slip }) => slip)),
  };
}
