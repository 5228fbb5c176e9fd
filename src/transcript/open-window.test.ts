import { expect, test } from 'vitest';
import { millis, type Word } from '../core/index.ts';
import { openWindow, withKept } from './open-window.ts';
import { settle, type Shown } from './settle.ts';

const SECOND = 1000;
const CONTEXT = millis(3 * SECOND);

/** A word a second, from second `first` on. */
const heard = (text: string, first = 0): { text: string; words: Word[] } => ({
  text,
  words: text.split(' ').map((word, i) => ({
    text: word,
    start: millis((first + i) * SECOND + 100),
    end: millis((first + i) * SECOND + 900),
    probability: 0.9,
    tokens: [first + i],
  })),
});

const ALL = 'The 42 line Bible of 1455 has never been surpassed.';

/** What is shown when so much of it was heard twice: all but the last word are settled. */
function shownOf(text: string): Shown {
  const first = settle({ text: '', stable: 0, settled: 0, words: [] }, heard(text), millis(20 * SECOND));
  const shown = first && settle(first, heard(text), millis(20 * SECOND));
  if (shown === undefined) throw new Error('nothing is shown');
  return shown;
}

test('begins three seconds of settled sound before what is open, at a word', () => {
  const shown = shownOf(ALL);
  expect(shown.settled).toBe(9);
  expect(openWindow(shown, millis(0), CONTEXT)).toEqual({ kept: 5, said: 'The 42 line Bible of', from: 5000 });
});

test('is none where little would be spared, or nothing is settled', () => {
  expect(openWindow(shownOf('The 42 line Bible of'), millis(0), CONTEXT)).toBeUndefined();
  expect(openWindow(shownOf(ALL), millis(3500), CONTEXT)).toBeUndefined();
  expect(openWindow({ ...shownOf(ALL), settled: 0 }, millis(0), CONTEXT)).toBeUndefined();
});

test('what is heard in it goes on with what was kept, as if all had been heard', () => {
  const shown = shownOf(ALL);
  const kept = openWindow(shown, millis(0), CONTEXT)?.kept ?? 0;
  const whole = withKept(shown, kept, heard('1455 has never been surpassed. Printing then', 5));
  expect(whole).toMatchObject(heard(`${ALL} Printing then`));
  expect(settle(shown, whole, millis(20 * SECOND))).toMatchObject({ settled: 10, text: `${ALL} Printing then` });
});

test('a word that was heard in it before the last kept one has ended begins where that ends', () => {
  const shown = shownOf(ALL);
  const early = { text: 'has never', words: heard('has never', 4.7).words };
  const { words } = withKept(shown, 5, early);
  expect(words.slice(4).map(({ start, end }) => [start, end])).toEqual([
    [4100, 4900],
    [4900, 5600],
    [5800, 6600],
  ]);
});
