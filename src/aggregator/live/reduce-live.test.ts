import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveEvent } from '../../core/index.ts';
import { FINAL_REVISION, samples } from '../../core/index.ts';
import { EMPTY, early, ends, finalOf, hearing, outcomeOf, starts, told } from '../testing/made-live.ts';
import { reduceLive } from './reduce-live.ts';

test('tells a partial, and what of it is settled', () => {
  const record = told(EMPTY, starts(0));
  const { events } = reduceLive(record, [hearing(0, 1, 'and so my'), hearing(0, 2, 'and so my fellow')]);
  expect(events).toMatchObject([
    { type: 'partial', revision: 1, text: 'and so my', stable: 0 },
    { type: 'partial', revision: 2, text: 'and so my fellow', stable: 9, settled: 3 },
  ]);
});

test('a partial that hears only what is open goes on behind the words that were settled before it', () => {
  const first = reduceLive(told(EMPTY, starts(0)), [
    hearing(0, 1, 'and so my fellow'),
    hearing(0, 2, 'and so my fellow Americans'),
  ]);
  const { outcome, ...committed } = hearing(0, 3, 'my fellow Americans ask not');
  if (outcome.type !== 'heard') throw new Error('not heard');
  const later = { ...outcome, from: samples(outcome.from + 32), kept: 2 };
  const { events } = reduceLive(first.record, [{ ...committed, outcome: later }]);
  expect(events).toMatchObject([{ from: 0, text: 'and so my fellow Americans ask not', settled: 5, stable: 26 }]);
  const [shown] = events;
  expect(shown?.type === 'partial' && shown.words.map(({ start }) => start)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('a final that hears only what is open tells the words before it too', () => {
  const spoken = reduceLive(told(EMPTY, starts(0)), [
    hearing(0, 1, 'and so my fellow'),
    hearing(0, 2, 'and so my fellow Americans'),
  ]);
  const windowed = (text: string) => {
    const { outcome, ...committed } = finalOf(0, text);
    if (outcome.type !== 'heard') throw new Error('not heard');
    return { ...committed, outcome: { ...outcome, from: samples(outcome.from + 32), kept: 2 } };
  };
  const finalFrom = (text: string) =>
    reduceLive(told(spoken.record, ends(0)), [windowed(text)]).events.find(({ type }) => type === 'final');
  const words = ['and', 'so', 'my', 'fellow', 'Americans', 'ask'];
  const texts = words.map((text) => ({ text }));
  expect(finalFrom('my fellow Americans ask')).toMatchObject({ text: words.join(' '), words: texts });
  expect(finalFrom('my yellow Americans ask')).toMatchObject({ text: words.join(' '), words: texts });
  expect(finalFrom('')).toMatchObject({ text: 'and so my fellow', fate: 'transcribed' });
  const final = finalFrom('my fellow Americans ask');
  if (final?.type !== 'final') throw new Error('no final');
  expect(final.tokens).toEqual(final.words.flatMap(({ tokens }) => tokens));
});

test('shows what was shown before when a partial went round in circles, failed, or contradicts what is settled', () => {
  const record = told(EMPTY, starts(0));
  const { events } = reduceLive(record, [
    hearing(0, 1, 'and so my'),
    hearing(0, 2, 'and so my fellow'),
    hearing(0, 3, 'and so and so and so', ['loop']),
    outcomeOf(0, 4, { type: 'failed', code: 'engine-failed', message: 'no' }),
    hearing(0, 5, 'but so my fellow'),
  ]);
  expect(events.slice(2)).toMatchObject(
    [3, 4, 5].map((revision) => ({ revision, text: 'and so my fellow', stable: 9 })),
  );
});

test('what came before the circles is shown where nothing was shown yet, and does not settle', () => {
  const { events } = reduceLive(told(EMPTY, starts(0)), [
    hearing(0, 1, 'and so', ['loop']),
    hearing(0, 2, 'and then and then', ['loop']),
  ]);
  expect(events).toMatchObject([1, 2].map((revision) => ({ revision, text: 'and so', stable: 0 })));
});

test('settles nothing once the end of speech is told', () => {
  const record = told(EMPTY, starts(0), ends(0));
  expect(reduceLive(record, [hearing(0, 3, 'and so my fellow')]).events).toEqual([]);
});

test('a final keeps what is settled though the engine hears otherwise, or fails for good', () => {
  const spoken = reduceLive(told(EMPTY, starts(0)), [hearing(0, 1, 'and so my'), hearing(0, 2, 'and so my fellow')]);
  const record = told(spoken.record, ends(0));
  expect(reduceLive(record, [finalOf(0, 'And soul')]).events.at(-1)).toMatchObject({
    type: 'final',
    text: 'and so my',
    words: [{ text: 'and' }, { text: 'so' }, { text: 'my' }],
  });
  const dead = outcomeOf(0, FINAL_REVISION, { type: 'dead', reason: 'lease-lost', attempts: 3 });
  expect(reduceLive(record, [dead]).events).toMatchObject([{ type: 'final', fate: 'failed', text: 'and so my' }]);
});

test('a final without words takes the utterance back', () => {
  const { events } = reduceLive(told(EMPTY, starts(0), ends(0)), [finalOf(0, '')]);
  expect(events).toMatchObject([{ type: 'final', fate: 'no-speech', text: '', words: [] }]);
});

test('finals are told in order, each once, however their outcomes come', () => {
  const count = 4;
  const record = told(EMPTY, ...Array.from({ length: count }, (_, i) => [starts(i), ends(i)]).flat());
  const outcomes = Array.from({ length: count }, (_, i) => finalOf(i, `text ${i}`));
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...outcomes, ...outcomes], { minLength: 2 * count }),
      fc.array(fc.nat(7)),
      (shuffled, cuts) => {
        let now = record;
        const events: LiveEvent[] = [];
        const at = [...new Set([0, ...cuts, shuffled.length])].toSorted((a, b) => a - b);
        at.slice(1).forEach((end, i) => {
          const step = reduceLive(now, shuffled.slice(at[i], end));
          // Stored and read again.
          now = structuredClone(step.record);
          events.push(...step.events);
        });
        const finals = events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
        expect(finals).toEqual(outcomes.map((_, i) => `text ${i}`));
        expect(now.held).toEqual([]);
      },
    ),
  );
});

test('a final waits until the end of its speech is told', () => {
  const waiting = reduceLive(told(EMPTY, starts(0)), [finalOf(0, 'yes')]);
  expect(waiting.events).toEqual([]);
  expect(reduceLive(told(waiting.record, starts(1), ends(0), ends(1)), [finalOf(1, 'no')]).events).toMatchObject([
    { type: 'language' },
    { text: 'yes' },
    { text: 'no' },
  ]);
});

test('what is heard in a pause is a partial, with all that a final tells', () => {
  const { events } = reduceLive(told(EMPTY, starts(0)), [hearing(0, 1, 'and so'), early(0, 2, 'and so my')]);
  expect(events).toMatchObject([
    { type: 'partial', text: 'and so' },
    { type: 'partial', text: 'and so my', to: 8000, whole: { language: 'en', avgLogprob: -0.2 } },
  ]);
  expect(events[0]).not.toHaveProperty('whole');
});

test('what is heard in a pause is the final when the pause has turned out to be the end, and nothing when it has not', () => {
  const record = told(EMPTY, starts(0), ends(0));
  expect(reduceLive(record, [early(0, 2, 'and so'), finalOf(0, 'and so')]).events).toMatchObject([
    { type: 'language' },
    { type: 'final', text: 'and so', to: 8000 },
  ]);
  expect(reduceLive(record, [early(0, 2, 'and so', 4000)]).events).toEqual([]);
});
