import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis, stableText, type Millis, type Word } from '../core/index.ts';
import { withKept } from './open-window.ts';
import { finalOf, settle, type Shown } from './settle.ts';

const NOTHING: Shown = { text: '', stable: 0, settled: 0, words: [] };

const heard = (text: string, probability = 0.9): { text: string; words: Word[] } => ({
  text,
  words: text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, i) => ({ text: word, start: millis(i * 300), end: millis(i * 300 + 250), probability, tokens: [i] })),
});

const endOf = ({ words }: ReturnType<typeof heard>): Millis => words.at(-1)?.end ?? millis(0);

/** Takes in texts one after the other, each heard to its end; those that contradict leave what was shown. */
function afterAll(texts: readonly ReturnType<typeof heard>[], to = endOf): Shown[] {
  const shown: Shown[] = [];
  let now = NOTHING;
  for (const text of texts) {
    now = settle(now, text, to(text)) ?? now;
    shown.push(now);
  }
  return shown;
}

test('settles what two texts in a row agree on, but for the last word', () => {
  const [first, second, third] = afterAll([
    heard('and so my'),
    heard('and so my fellow'),
    heard('and so my fellow Americans'),
  ]);
  expect([first?.stable, second && stableText(second), third && stableText(third)]).toEqual([
    0,
    'and so my',
    'and so my fellow',
  ]);
});

test('does not settle a word that one of them finds improbable', () => {
  const [, shown] = afterAll([heard('and so my fellow', 0.3), heard('and so my fellow')]);
  expect(shown?.settled).toBe(0);
});

test('a doubtful word holds up those behind it only for a while', () => {
  // The first ends at 250 ms.
  const settledAt = (probability: number, to: number): number =>
    afterAll([heard('and so my fellow', probability), heard('and so my fellow', probability)], () => millis(to))[1]
      ?.settled ?? 0;
  expect([settledAt(0.5, 4200), settledAt(0.5, 4250)]).toEqual([0, 1]);
  expect([settledAt(0.4, 6200), settledAt(0.4, 6250)]).toEqual([0, 1]);
  expect([settledAt(0.1, 8200), settledAt(0.1, 8250)]).toEqual([0, 1]);
});

test('a word that always reads otherwise is settled in the end', () => {
  const [, shown] = afterAll([heard('ales then that thou'), heard('ails then that thou')], () => millis(8250));
  expect(shown && stableText(shown)).toBe('ails then that');
});

test('goes on where a mark is put behind a settled word, or more of it is heard', () => {
  const [, , comma] = afterAll([
    heard('to perfection'),
    heard('to perfection and'),
    heard('to perfection, and it was'),
  ]);
  expect(comma && stableText(comma)).toBe('to perfection, and');
  const [, , more] = afterAll([heard('the read'), heard('the read on'), heard('the reading on it was')]);
  expect(more && stableText(more)).toBe('the read on');
});

test('takes case and punctuation of the open end from the newest', () => {
  const [, shown] = afterAll([heard('And so. My'), heard('and so, my fellow')]);
  expect(shown && stableText(shown)).toBe('and so, my');
});

test('shows nothing of a text that contradicts what is settled', () => {
  const [, settled] = afterAll([heard('and so my'), heard('and so my fellow')]);
  expect(settled && settle(settled, heard('but so my fellow'), millis(2000))).toBeUndefined();
  expect(settled && settle(settled, heard('and so'), millis(2000))).toBeUndefined();
});

test('whatever is heard, settled words only grow and every later text begins with them', () => {
  const word = fc.constantFrom('a', 'b', 'b,', 'Be', 'c,', 'c.', 'Ünd', '日本');
  const text = fc
    .tuple(fc.array(word, { maxLength: 8 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([words, probability]) => heard(words.join(' '), probability));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), fc.array(word), fc.nat(12_000), (texts, last, to) => {
      let stable = '';
      for (const shown of afterAll(texts, () => millis(to))) {
        expect(stableText(shown).startsWith(stable)).toBe(true);
        expect(shown.text.startsWith(stableText(shown))).toBe(true);
        expect(shown.words.length).toBeGreaterThanOrEqual(shown.settled);
        stable = stableText(shown);
        expect(finalOf(shown, heard(last.join(' '))).text.startsWith(stable)).toBe(true);
      }
    }),
  );
});

test('however hearings differ in their times, words ascend and none begins before the one before has ended', () => {
  const spoken = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'c,', 'cd'), fc.nat(600), fc.nat(400)), {
    maxLength: 9,
  });
  const hearing = fc.tuple(spoken, fc.nat(700)).map(([words, from]) => {
    let at = from;
    const timed = words.map(([text, length, pause], i): Word => {
      const start = millis(at);
      const end = millis(at + length);
      at = end + pause;
      return { text, start, end, probability: 0.9, tokens: [i] };
    });
    return { text: words.map(([text]) => text).join(' '), words: timed };
  });
  const overlaps = (words: readonly Word[]): readonly Word[] =>
    words.filter(({ start, end }, i) => end < start || start < (words[i - 1]?.end ?? 0));
  fc.assert(
    fc.property(fc.array(hearing, { minLength: 1, maxLength: 5 }), hearing, fc.nat(9), (texts, last, kept) => {
      const shown = afterAll(texts, () => millis(20_000));
      for (const { words } of shown) expect(overlaps(words)).toEqual([]);
      const before = shown.at(-1) ?? NOTHING;
      const whole = withKept(before, Math.min(kept, before.settled), last);
      expect(overlaps(whole.words)).toEqual([]);
      expect(overlaps(finalOf(before, whole).words)).toEqual([]);
      expect(overlaps(finalOf(before, last).words)).toEqual([]);
    }),
  );
});

test('the final is what was decoded when it begins with what is settled, else that and the rest behind it', () => {
  const [, shown = NOTHING] = afterAll([heard('and so my'), heard('and so my fellow')]);
  const finals = [' and so my fellows ', 'An soul my fellow Americans', 'And so', ''].map(
    (text) => finalOf(shown, heard(text)).text,
  );
  expect(finals).toEqual(['and so my fellows', 'and so my fellow Americans', 'and so my', 'and so my']);
});
