/** The word that was meant: at most this many letters added, lost, changed or swapped, and at most a third of it. */
const MOST_SLIPS = 3;

/** The nearest of `words` to a mistyped one; undefined when none is near. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let fewest = Math.min(MOST_SLIPS, Math.ceil(word.length / 3)) + 1;
  for (const candidate of words) {
    // The start of a longer word counts as meant too, a little less: `--beam` for `--beam-size`.
    const slips = Math.min(distance(word, candidate), distance(word, candidate.slice(0, word.length)) + 0.5);
    if (slips < fewest) [best, fewest] = [candidate, slips];
  }
  return best;
}

/** "; did you mean X?", or nothing. */
export function suggestion(word: string, words: Iterable<string>, prefix = ''): string {
  const meant = nearest(word, words);
  return meant === undefined ? '' : `; did you mean ${prefix}${meant}?`;
}

/** Optimal string alignment: insert, delete, replace, swap neighbours. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MOST_SLIPS) return MOST_SLIPS + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
