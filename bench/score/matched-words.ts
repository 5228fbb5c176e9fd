/** Which words two timed texts have in common, and how far apart their starts are. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { TimedWord } from '../sides/side.ts';

const spoken = (word: string): string => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** @returns |difference| in seconds between the starts of each word of the longest common subsequence. */
export function startDistances(left: readonly TimedWord[], right: readonly TimedWord[]): readonly number[] {
  const width = right.length + 1;
  const common = new Uint32Array((left.length + 1) * width); // of what follows a pair of places
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  const same = (row: number, column: number): boolean => {
    const word = spoken(left[row]?.[0] ?? '');
    return word !== '' && word === spoken(right[column]?.[0] ?? '');
  };
  for (let row = left.length - 1; row >= 0; row--) {
    for (let column = right.length - 1; column >= 0; column--) {
      const longer = Math.max(at(row + 1, column), at(row, column + 1));
      common[row * width + column] = same(row, column) ? Math.max(longer, at(row + 1, column + 1) + 1) : longer;
    }
  }
  const distances: number[] = [];
  for (let row = 0, column = 0; row < left.length && column < right.length;) {
    if (same(row, column) && at(row, column) === at(row + 1, column + 1) + 1) {
      distances.push(Math.abs((left[row++]?.[1] ?? 0) - (right[column++]?.[1] ?? 0)));
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return distances;
}

const OracleLine = z.object({
  file: z.string(),
  segments: z.array(z.object({ words: z.array(z.tuple([z.string(), z.number()], z.unknown())).default([]) })),
});

/** Words that another system found, by file: lines of `{"file", "segments": [{"words": [[text, start s, …]]}]}`. */
export function readTimedWords(path: string): ReadonlyMap<string, readonly TimedWord[]> {
  const lines = readFileSync(path, 'utf8').split('\n');
  return new Map(
    lines
      .filter((line) => line.trim() !== '')
      .map((line) => OracleLine.parse(JSON.parse(line)))
      .map(({ file, segments }) => [
        file,
        segments.flatMap(({ words }) => words.map(([text, start]): TimedWord => [text, start])),
      ]),
  );
}
