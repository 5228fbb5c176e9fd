import type { JobOutcome, Meter, WorkerJob } from '../core/index.ts';

/** Counts what partials cost the decoder and what the words that are settled spare it: a step a token, and one for the end. */
export function partialTokens(meter: Meter): (job: WorkerJob, outcome: JobOutcome) => void {
  const tokens = meter.counter(
    'scriptorium_partial_tokens_total',
    'Tokens of partials, by whether they were decoded or spared, being settled.',
    ['how'],
  );
  return (job, outcome) => {
    if (outcome.type !== 'heard' || outcome.kind !== 'partial' || job.type !== 'live') return;
    const all = outcome.result.tokens.length;
    const forced = Math.min(all, job.settled.tokens.length);
    tokens.add(forced + (job.settled.kept?.tokens ?? 0), { how: 'spared' });
    tokens.add(all - forced, { how: 'decoded' });
  };
}
