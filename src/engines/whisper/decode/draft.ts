import type { DecodeOptions } from '../../../core/index.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Verdict } from './attempt.ts';
import { judge } from './attempt.ts';
import { cutLoop, hasEcho, isRefrain } from './guards.ts';
import type { AttentionRows } from './hypothesis.ts';
import type { TextOutcome } from './text-decode.ts';

/** One text that was decoded, judged. */
export interface Draft {
  readonly tokens: readonly number[];
  readonly probabilities: readonly number[];
  readonly attention: AttentionRows;
  readonly text: string;
  readonly looped: boolean;
  readonly echoes: boolean;
  readonly avgLogprob: number;
  readonly noSpeechProbability: number;
  readonly language: string;
  readonly languageProbability: number;
  readonly temperature: number;
  readonly verdict: Verdict;
}

/** The text of a finished decode, judged by the guards. */
export function readDraft(
  outcome: TextOutcome | undefined,
  temperature: number,
  tokenizer: Tokenizer,
  speechSeconds: number,
  options: DecodeOptions,
): Draft {
  const { special } = tokenizer;
  const hypothesis = outcome?.hypothesis;
  const tokens = hypothesis?.tokens ?? [];
  const text = plainText(tokens, tokenizer);
  const draft = {
    tokens,
    probabilities: (hypothesis?.logprobs ?? []).map((logprob) => Math.exp(logprob)),
    attention: hypothesis?.attention ?? [],
    text,
    looped: outcome?.looped ?? false,
    echoes: hasEcho(tokens) || isRefrain(text),
    // What was given is certain: only what was heard counts.
    avgLogprob: (hypothesis?.total ?? -Infinity) / (tokens.length - (options.prefix?.length ?? 0) + 1),
    noSpeechProbability: outcome?.noSpeechProbability ?? 0,
    language: [...special.languages].find(([, id]) => id === outcome?.language)?.[0] ?? 'en',
    languageProbability: outcome?.languageProbability ?? 1,
    temperature,
  };
  return { ...draft, verdict: judge(draft, speechSeconds, options) };
}

/** A loop is worse than an echo, and an echo than any text that is a little less likely. */
const LOOP_COST = 1000;
const ECHO_COST = 1;

/** Of drafts that all failed, the least bad; what is left of a loop is its first turn. */
export function leastBad(
  drafts: readonly Draft[],
  tokenizer: Tokenizer,
  speechSeconds: number,
  options: DecodeOptions,
): Draft {
  const merit = (draft: Draft): number =>
    draft.avgLogprob - (draft.looped ? LOOP_COST : 0) - (draft.echoes ? ECHO_COST : 0);
  const best = drafts.reduce((a, b) => (merit(b) > merit(a) ? b : a));
  const tokens = cutLoop(best.tokens);
  if (tokens.length === best.tokens.length) return best;
  const cut = { ...best, tokens, text: plainText(tokens, tokenizer) };
  return { ...cut, verdict: judge(cut, speechSeconds, options) };
}

const plainText = (tokens: readonly number[], tokenizer: Tokenizer): string =>
  tokenizer.decode(tokens.filter((token) => token < tokenizer.special.endOfText)).trim();
