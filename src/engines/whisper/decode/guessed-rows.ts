import type { PlannedRow } from './plan.ts';

/** Rows of a step that tries a guess, the token before it included: with more a step would not be shared (`batch.ts`). */
const GUESS_ROWS = 12;

/**
 * What of a guess comes next if all so far was guessed right, as much as one step tries; else nothing.
 *
 * @param room tokens that the text may still become longer by.
 */
export function expectedNext(guess: readonly number[], soFar: readonly number[], room: number): readonly number[] {
  const isRight = soFar.every((token, i) => token === guess[i]);
  return isRight ? guess.slice(soFar.length, soFar.length + Math.min(GUESS_ROWS - 1, room)) : [];
}

/**
 * Rows of guessed tokens behind the only row of a step: each sees the row and the guesses before it.
 *
 * @param nextCell a free cell, another one each time.
 */
export const guessedRows = (
  { position, cells }: PlannedRow,
  tokens: readonly number[],
  nextCell: () => number,
): PlannedRow[] =>
  tokens.map((token, i) => ({
    token,
    position: position + i + 1,
    cells,
    sees: Array.from({ length: i + 2 }, (_, row) => row),
    cell: nextCell(),
  }));
