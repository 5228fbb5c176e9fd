import type { SpecialTokens } from '../tokenizer/tokenizer.ts';
import { applyRules, logSumExp, type LogitRules } from './logits.ts';

/**
 * The probability that nobody speaks.
 *
 * @param row logits behind the start of the transcript, not changed. @param suppressed tokens that the graph suppressed.
 */
export function silenceOf(row: Float32Array, rules: LogitRules, suppressed: readonly number[]): number {
  const logits = row.slice(0, rules.vocabulary);
  applyRules(logits, [0], { ...rules, restored: suppressed, timestamps: false });
  return Math.exp((logits[rules.special.noSpeech] ?? -Infinity) - logSumExp(logits, 0, logits.length));
}

/** The likeliest language's token, and its probability among all languages; the parameters are those of `silenceOf`. */
export function languageOf(
  row: Float32Array,
  { languages }: SpecialTokens,
  suppressed: readonly number[],
): { readonly token: number | undefined; readonly probability: number } {
  const isSuppressed = new Set(suppressed);
  const tokens = [...languages.values()];
  // Language tokens are suppressed all alike, so that their differences stand.
  const scores = Float32Array.from(
    tokens,
    (token) => (row[token] ?? -Infinity) + (isSuppressed.has(token) ? 0 : -1000),
  );
  const best = scores.indexOf(Math.max(...scores));
  const probability = Math.exp((scores[best] ?? -Infinity) - logSumExp(scores, 0, scores.length));
  return { token: tokens[best], probability };
}
