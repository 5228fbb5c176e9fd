import type { Candidates } from './plan.ts';
import type { Hypothesis } from './hypothesis.ts';
import { extend, rank } from './hypothesis.ts';

export interface SearchRules {
  readonly endOfText: number;
  readonly beamSize: number;
  readonly lengthPenalty: number;
  /** A hypothesis whose total falls this far behind the best of its step is given up: e^-8 is one in three thousand. */
  readonly pruneBehind: number;
}

export interface Frontier {
  /** Still growing, best first; at most `beamSize`. */
  readonly live: readonly Hypothesis[];
  /** Ended, in the order of their ending. */
  readonly ended: readonly Hypothesis[];
}

/**
 * One step of beam search as OpenAI's `BeamSearchDecoder` does it, with patience 1: the best continuations over all rows are
 * taken in order; those that end are set aside, the others live on until `beamSize` do. With a beam of one it is greedy search.
 *
 * @param candidates one a live hypothesis, at least `beamSize + 1` tokens each.
 */
export function advance(frontier: Frontier, candidates: readonly Candidates[], rules: SearchRules): Frontier {
  const options: {
    readonly from: Hypothesis;
    readonly token: number;
    readonly logprob: number;
    readonly total: number;
  }[] = [];
  frontier.live.forEach((from, row) => {
    const best = candidates[row];
    for (let i = 0; best !== undefined && i <= rules.beamSize && i < best.tokens.length; i++) {
      const logprob = best.logprobs[i] ?? -Infinity;
      options.push({ from, token: best.tokens[i] ?? rules.endOfText, logprob, total: from.total + logprob });
    }
  });
  options.sort((a, b) => b.total - a.total);
  const live: Hypothesis[] = [];
  const ended = [...frontier.ended];
  const floor = (options[0]?.total ?? 0) - rules.pruneBehind;
  for (const option of options) {
    if (live.length === rules.beamSize || option.total < floor) break;
    if (option.token === rules.endOfText) {
      // The end token counts in the total but is not kept as a token.
      ended.push({ ...option.from, logprobs: [...option.from.logprobs, option.logprob], total: option.total });
    } else {
      live.push(extend(option.from, option.token, option.logprob));
    }
    if (rules.beamSize === 1) break;
  }
  return { live, ended };
}

/** Whether no more steps are needed: enough have ended, or nothing is left that could grow. */
export function isSettled(frontier: Frontier, rules: SearchRules): boolean {
  return frontier.live.length === 0 || frontier.ended.length >= rules.beamSize;
}

/** The best that ended; failing that, the best that lives. */
export function bestOf(frontier: Frontier, penalty: number): Hypothesis | undefined {
  const pool = frontier.ended.length > 0 ? frontier.ended : frontier.live;
  return pool.reduce<Hypothesis | undefined>(
    (best, next) => (best === undefined || rank(next, penalty) > rank(best, penalty) ? next : best),
    undefined,
  );
}
