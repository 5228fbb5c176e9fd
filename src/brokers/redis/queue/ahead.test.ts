import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Line } from './ahead.ts';
import { jobsAhead } from './ahead.ts';

const lineOf = (shard: number, tenant: string, length: number, first: number, last = first): Line => ({
  shard,
  place: 3,
  tenant,
  length,
  first,
  last,
});
const standing = { shard: 0, place: 3, tenant: 'own', arrival: 100, before: 0 };

test('counts what came earlier of the same tenant, wherever it stands', () => {
  const lines = [lineOf(0, 'own', 5, 90, 110), lineOf(1, 'own', 4, 10, 40), lineOf(2, 'own', 4, 200, 400)];
  expect(jobsAhead(lines, { ...standing, before: 2 })).toBe(2 + 4);
});

test('takes it that the jobs of a line came evenly', () => {
  expect(jobsAhead([lineOf(0, 'own', 1, 100), lineOf(1, 'own', 10, 0, 200)], standing)).toBe(5);
});

test('estimates what goes before in its own line too when it was not counted', () => {
  const lines = [lineOf(0, 'own', 4000, 0, 400), lineOf(1, 'own', 10, 0, 200)];
  expect(jobsAhead(lines, { ...standing, before: undefined })).toBe(1000 + 5);
});

test('counts another tenant as often as it goes before: once a turn, and no more than it has', () => {
  const own = lineOf(0, 'own', 10, 100, 190);
  expect(jobsAhead([own, lineOf(1, 'other', 50, 0, 99)], standing)).toBe(1);
  expect(jobsAhead([own, lineOf(1, 'other', 50, 150, 500)], standing)).toBe(0);
  expect(jobsAhead([own, lineOf(1, 'other', 50, 0, 99)], { ...standing, arrival: 140, before: 4 })).toBe(4 + 5);
  expect(jobsAhead([own, lineOf(1, 'other', 2, 0, 9)], { ...standing, arrival: 140, before: 4 })).toBe(4 + 2);
});

test('does not count other classes', () => {
  expect(jobsAhead([lineOf(0, 'own', 1, 100), { ...lineOf(1, 'other', 9, 0), place: 2 }], standing)).toBe(0);
});

test('is never less than what goes before in its own line, and never more than all that waits', () => {
  const line = fc
    .record({
      shard: fc.nat({ max: 3 }),
      tenant: fc.constantFrom('own', 'other', 'third'),
      length: fc.integer({ min: 1, max: 50 }),
      first: fc.nat({ max: 1000 }),
      last: fc.nat({ max: 1000 }),
    })
    .map((one) => ({ ...one, place: 3 }));
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 12 }),
      fc.nat({ max: 1000 }),
      fc.nat({ max: 9 }),
      (some, arrival, before) => {
        const lines = [...some.filter((one) => one.shard !== 0 || one.tenant !== 'own'), lineOf(0, 'own', 10, arrival)];
        const ahead = jobsAhead(lines, { ...standing, arrival, before });
        expect(ahead).toBeGreaterThanOrEqual(before);
        expect(ahead).toBeLessThanOrEqual(lines.reduce((sum, { length }) => sum + length, 0));
      },
    ),
  );
});
