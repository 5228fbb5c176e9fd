import { millis, type Millis, type Word } from '../core/index.ts';

/**
 * Words of more than one hearing, which need not agree on where one ends and the next begins: the earlier word keeps its time, and
 * the later one gives way, to nothing if need be.
 *
 * @param from where the word before them ends.
 */
export function inTime(words: readonly Word[], from: Millis = millis(0)): readonly Word[] {
  let edge = from;
  return words.map((word) => {
    const start = millis(Math.max(word.start, edge));
    const end = millis(Math.max(word.end, start));
    edge = end;
    return { ...word, start, end };
  });
}
