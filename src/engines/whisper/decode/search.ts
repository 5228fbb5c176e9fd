import type { Candidates } from './plan.ts';
import type { Hypothesis } from './hypothesis.ts';
import { extend, rank } from './hypothesis.ts';

export interface SearchRules {
  readonly endOfText: number;
  readonly beamSize: number;
  readonly lengthPenalty: number;
  /** A hypothesis whose total falls this far behind the best of its step, or of those that ended, is given up. */
  readonly pruneBehind: number;
  /** Of hypotheses whose last tokens, so many, are the same only the likeliest lives on; Infinity keeps all. */
  readonly mergeAfter: number;
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
 * Paths are merged as in Prabhavalkar et al. 2021 (https://arxiv.org/abs/2012.06749): texts that differ further back only go on
 * alike, word for word, and would fill the beam with one guess.
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
  const best = Math.max(options[0]?.total ?? -Infinity, ...ended.map(({ total }) => total));
  const floor = best - rules.pruneBehind;
  for (const option of options) {
    if (live.length === rules.beamSize || option.total < floor) break;
    if (option.token === rules.endOfText) {
      // The end token counts in the total but is not kept as a token.
      ended.push({ ...option.from, logprobs: [...option.from.logprobs, option.logprob], total: option.total });
    } else {
      const next = extend(option.from, option.token, option.logprob);
      if (!live.some(({ tokens }) => endAlike(tokens, next.tokens, rules.mergeAfter))) live.push(next);
    }
    if (rules.beamSize === 1) break;
  }
  return { live, ended };
}

function endAlike(a: readonly number[], b: readonly number[], count: number): boolean {
  if (a.length < count || b.length < count) return false;
  for (let back = 1; back <= count; back++) if (a[a.length - back] !== b[b.length - back]) return false;
  return true;
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
