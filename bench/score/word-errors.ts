/** Word error rate: the least number of words to change, drop and add to come from the reference to the text. */
import { normaliseEnglish } from './normalise.ts';

export interface WordErrors {
  readonly substituted: number;
  readonly deleted: number;
  readonly inserted: number;
  /** Words of the reference. */
  readonly words: number;
}

const NO_ERRORS: WordErrors = { substituted: 0, deleted: 0, inserted: 0, words: 0 };

/** Levenshtein alignment of two word lists; where several are as short, substitutions go before deletions. */
export function alignWords(reference: readonly string[], text: readonly string[]): WordErrors {
  const width = text.length + 1;
  const cost = new Uint32Array((reference.length + 1) * width);
  const at = (row: number, column: number): number => cost[row * width + column] ?? 0;
  const differ = (row: number, column: number): number => (reference[row - 1] === text[column - 1] ? 0 : 1);
  for (let row = 0; row <= reference.length; row++) {
    for (let column = 0; column < width; column++) {
      let least = Math.max(row, column);
      if (row > 0 && column > 0) {
        const across = at(row - 1, column - 1) + differ(row, column);
        least = Math.min(across, at(row - 1, column) + 1, at(row, column - 1) + 1);
      }
      cost[row * width + column] = least;
    }
  }
  let [row, column, substituted, deleted, inserted] = [reference.length, text.length, 0, 0, 0];
  while (row > 0 || column > 0) {
    const here = at(row, column);
    if (row > 0 && column > 0 && here === at(row - 1, column - 1) + differ(row, column)) {
      substituted += differ(row--, column--);
    } else if (row > 0 && here === at(row - 1, column) + 1) {
      deleted++;
      row--;
    } else {
      inserted++;
      column--;
    }
  }
  return { substituted, deleted, inserted, words: reference.length };
}

/** Errors of an English `text` against what was said. */
export function wordErrors(reference: string, text: string): WordErrors {
  return alignWords(normaliseEnglish(reference), normaliseEnglish(text));
}

export function sumErrors(all: readonly WordErrors[]): WordErrors {
  return all.reduce(
    (sum, one) => ({
      substituted: sum.substituted + one.substituted,
      deleted: sum.deleted + one.deleted,
      inserted: sum.inserted + one.inserted,
      words: sum.words + one.words,
    }),
    NO_ERRORS,
  );
}

/** Errors over words of the reference; NaN when nothing was said. */
export function errorRate(errors: WordErrors): number {
  return (errors.substituted + errors.deleted + errors.inserted) / errors.words;
}
