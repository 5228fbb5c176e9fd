import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../../../core/index.ts';
import { factsOf } from './job-records.ts';
import type { Job } from './job.ts';
import { lines } from './lines.ts';
import { jobOf } from '../testing/made-data.ts';

const job = (id: string, tenant: string): Job => ({
  facts: factsOf({ ...jobOf(id), tenant }),
  seq: 0,
  enqueuedAt: millis(0),
  attempts: 0,
  interruptions: 0,
  state: { kind: 'ready' },
});

const entry = fc.record({
  tenant: fc.constantFrom('a', 'b', 'c', 'd'),
  where: fc.constantFrom('front' as const, 'back' as const),
  /** How many are taken, and whether this one is removed again, behind it. */
  taken: fc.constantFrom(0, 0, 1, 2),
  removed: fc.boolean(),
});

test('tells of every job how many go before it, and then hands out just so many', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), (entries) => {
      const queue = lines();
      const waiting = new Set<Job>();
      for (const [index, { tenant, where, taken, removed }] of entries.entries()) {
        const added = job(String(index), tenant);
        queue.add(added, where);
        waiting.add(added);
        if (removed && queue.remove(added)) waiting.delete(added);
        for (let turn = 0; turn < taken; turn++) {
          const next = queue.shift('batch');
          if (next !== undefined) waiting.delete(next);
        }
      }
      const told = new Map([...waiting].map((one) => [one, queue.ahead(one)]));
      for (let place = 0; place < waiting.size; place++) {
        const next = queue.shift('batch');
        expect(next && told.get(next)).toBe(place);
      }
      expect(queue.shift('batch')).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test('knows nothing of a job that is in no line', () => {
  const queue = lines();
  const one = job('a', 'tenant');
  queue.add(one, 'back');
  expect(queue.shift('batch')).toBe(one);
  expect(queue.ahead(one)).toBeUndefined();
  expect(queue.remove(one)).toBe(false);
});
