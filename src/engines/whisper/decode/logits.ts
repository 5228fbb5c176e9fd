import type { Candidates } from './plan.ts';
import { SUPPRESSION, TOP } from '../graph/decoder-graph.ts';
import type { SpecialTokens } from '../tokenizer/tokenizer.ts';

/** What rules one decode follows on whole rows of logits; the graph has none but the constant suppression. */
export interface LogitRules {
  readonly special: SpecialTokens;
  readonly vocabulary: number;
  /** Tokens that the graph suppressed and this decode wants back. */
  readonly restored: readonly number[];
  /** Not allowed as the first token: the blank and the end (`SuppressBlank`). */
  readonly notFirst: readonly number[];
  readonly timestamps: boolean;
  /** The last stamp of the audio: nothing ends after it. */
  readonly lastTimestamp: number;
}

/** The first stamp may be at most 1 s (`max_initial_timestamp`), in steps of 20 ms. */
const MAX_INITIAL_STEPS = 50;

/** Applies the rules to one row, in place; `tokens` is what has been decoded so far. */
export function applyRules(logits: Float32Array, tokens: readonly number[], rules: LogitRules): void {
  for (const token of rules.restored) logits[token] = (logits[token] ?? 0) + SUPPRESSION;
  if (tokens.length === 0) for (const token of rules.notFirst) logits[token] = -Infinity;
  if (rules.timestamps) applyTimestampRules(logits, tokens, rules);
}

/** OpenAI's `ApplyTimestampRules`: stamps come in pairs, never go back, and win when they are likelier together than any text. */
function applyTimestampRules(logits: Float32Array, tokens: readonly number[], rules: LogitRules): void {
  const { timestampBegin: begin, endOfText: end, noTimestamps } = rules.special;
  logits[noTimestamps] = -Infinity;
  const isStamp = (token: number | undefined): boolean => token !== undefined && token >= begin;
  const lastIsStamp = isStamp(tokens.at(-1));
  const previousIsStamp = tokens.length < 2 || isStamp(tokens.at(-2));
  if (lastIsStamp) {
    if (previousIsStamp) logits.fill(-Infinity, begin, rules.vocabulary);
    else logits.fill(-Infinity, 0, end);
  }
  const lastStamp = tokens.findLast(isStamp);
  if (lastStamp !== undefined) {
    logits.fill(-Infinity, begin, lastIsStamp && !previousIsStamp ? lastStamp : lastStamp + 1);
  }
  if (tokens.length === 0) {
    logits.fill(-Infinity, 0, begin);
    logits.fill(-Infinity, begin + MAX_INITIAL_STEPS + 1, rules.vocabulary);
  }
  logits.fill(-Infinity, rules.lastTimestamp + 1, rules.vocabulary);
  const stamps = logSumExp(logits, begin, rules.vocabulary);
  let text = -Infinity;
  for (let i = 0; i < begin; i++) text = Math.max(text, logits[i] ?? -Infinity);
  if (stamps > text) logits.fill(-Infinity, 0, begin);
}

/** Below the largest by more than this, all tokens of a vocabulary together are less than one part in 10⁸ of the sum. */
const NEGLIGIBLE = 30;

function largestOf(values: Float32Array, from: number, to: number): number {
  let largest = -Infinity;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? -Infinity;
    if (value > largest) largest = value;
  }
  return largest;
}

/** log Σ exp over `[from, to)`. */
export function logSumExp(values: Float32Array, from: number, to: number): number {
  const largest = largestOf(values, from, to);
  if (largest === -Infinity) return -Infinity;
  const least = largest - NEGLIGIBLE;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? -Infinity;
    if (value >= least) sum += Math.exp(value - largest);
  }
  return largest + Math.log(sum);
}

/** The best tokens of a row of logits. */
export function topCandidates(logits: Float32Array, vocabulary: number): Candidates {
  const tokens: number[] = [];
  const scores: number[] = [];
  for (let token = 0; token < vocabulary; token++) {
    const score = logits[token] ?? -Infinity;
    if (scores.length === TOP && score <= (scores[TOP - 1] ?? -Infinity)) continue;
    let at = scores.length;
    while (at > 0 && (scores[at - 1] ?? -Infinity) < score) at--;
    tokens.splice(at, 0, token);
    scores.splice(at, 0, score);
    if (scores.length > TOP) {
      tokens.pop();
      scores.pop();
    }
  }
  const total = logSumExp(logits, 0, vocabulary);
  return { tokens, logprobs: scores.map((score) => score - total) };
}

/** One token drawn at `temperature`, with its log probability at temperature 1. */
export function draw(logits: Float32Array, vocabulary: number, temperature: number, random: number): Candidates {
  const largest = largestOf(logits, 0, vocabulary);
  // At the temperatures that are used, most of a vocabulary is left out.
  const least = largest - temperature * NEGLIGIBLE;
  const weight = (value: number): number => (value < least ? 0 : Math.exp((value - largest) / temperature));
  let sum = 0;
  for (let i = 0; i < vocabulary; i++) sum += weight(logits[i] ?? -Infinity);
  let left = random * sum;
  let token = 0;
  for (let i = 0; i < vocabulary; i++) {
    const share = weight(logits[i] ?? -Infinity);
    if (share === 0) continue;
    token = i;
    left -= share;
    if (left <= 0) break;
  }
  return { tokens: [token], logprobs: [(logits[token] ?? 0) - logSumExp(logits, 0, vocabulary)] };
}
