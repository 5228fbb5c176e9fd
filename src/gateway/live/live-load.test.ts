import { expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { liveLoad } from './live-load.ts';

const many = (count: number, see: () => void): void => {
  for (let i = 0; i < count; i++) see();
};

test('one slow answer changes nothing', () => {
  const load = liveLoad();
  load.sawPartial(millis(2500));
  load.sawFinal(millis(2500));
  expect([load.step(), load.isFull()]).toEqual(['normal', false]);
});

test('climbs step by step as work gets slower, and comes back when it is quick again', () => {
  const load = liveLoad();
  const at = (final: number, partial: number) => {
    many(60, () => {
      load.sawFinal(millis(final));
      load.sawPartial(millis(partial));
    });
    return [load.step(), load.isFull()];
  };
  expect(at(200, 200)).toEqual(['normal', false]);
  expect(at(400, 900)).toEqual(['partials-slow', false]);
  expect(at(1800, 900)).toEqual(['partials-none', false]);
  expect(at(2500, 900)).toEqual(['partials-none', true]);
  expect(at(900, 900)).toEqual(['partials-none', false]);
  expect(at(300, 300)).toEqual(['partials-slow', false]);
  expect(at(300, 100)).toEqual(['normal', false]);
  at(2000, 900);
  load.forget();
  expect([load.step(), load.isFull()]).toEqual(['normal', false]);
});
