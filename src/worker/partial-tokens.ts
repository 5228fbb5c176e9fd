import type { JobOutcome, Meter, WorkerJob } from '../core/index.ts';

/**
 * Counts what partials cost the decoder, a step a token and one for the end, and what spares it steps: words that are settled, and
 * those that are heard again as they were shown.
 */
export function partialTokens(meter: Meter): (job: WorkerJob, outcome: JobOutcome) => void {
  const tokens = meter.counter(
    'scriptorium_partial_tokens_total',
    'Tokens of partials, by whether they were decoded one by one, spared, being settled, or guessed: shown before and heard again.',
    ['how'],
  );
  return (job, outcome) => {
    if (outcome.type !== 'heard' || outcome.kind !== 'partial' || job.type !== 'live') return;
    const { tokens: heard, guessed = 0 } = outcome.result;
    const all = heard.length;
    const forced = Math.min(all, job.settled.tokens.length);
    tokens.add(forced + (job.settled.kept?.tokens ?? 0), { how: 'spared' });
    tokens.add(guessed, { how: 'guessed' });
    tokens.add(all - forced - guessed, { how: 'decoded' });
  };
}
