import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JobClass } from '../../src/core/index.ts';
import { meanWait } from './erlang.ts';
import { line } from './line.ts';
import { exponential, seeded } from './random.ts';
import { NO_OVERHEAD, simulate, type PlannedJob } from './simulate.ts';

const CLASSES: readonly JobClass[] = ['final', 'partial', 'interactive', 'batch'];

/** Whole milliseconds, so that sums are exact. */
const jobs = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 300 }),
    serviceMs: fc.integer({ min: 0, max: 50 }),
    jobClass: fc.constantFrom(...CLASSES),
    tenant: fc.constantFrom('a', 'b', 'c'),
    key: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
  }),
  { maxLength: 80 },
);
const planned = jobs.map((all) =>
  all.map(({ key, ...job }): PlannedJob => (key === undefined ? job : { ...job, supersedes: key })),
);
const site = fc.record({
  workers: fc.integer({ min: 1, max: 6 }),
  leaseMs: fc.integer({ min: 0, max: 3 }),
  fetchMs: fc.integer({ min: 0, max: 3 }),
  settleMs: fc.integer({ min: 0, max: 3 }),
});

function poisson(count: number, gapMs: number, meanMs: number, seed: number): readonly PlannedJob[] {
  const random = seeded(seed);
  let at = 0;
  return Array.from({ length: count }, () => {
    at += exponential(random, gapMs);
    return { at, serviceMs: exponential(random, meanMs), jobClass: 'final', tenant: 'a' };
  });
}

test.each([
  { workers: 1, load: 0.7 },
  { workers: 4, load: 0.8 },
  { workers: 16, load: 0.9 },
])("waits as long as Erlang's formula says at $load of $workers workers", ({ workers, load }) => {
  const gap = 100 / (workers * load);
  const { fates } = simulate(poisson(400_000, gap, 100, 7), { workers, ...NO_OVERHEAD });
  const waits = fates.map((fate) => (fate.end === 'done' ? fate.leasedAt - fate.job.at : 0));
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  const expected = meanWait(workers, workers * load, 100);
  expect(Math.abs(mean / expected - 1)).toBeLessThan(0.05);
});

test('ends every job once: done, or superseded by a later one of its key', () => {
  fc.assert(
    fc.property(planned, site, (all, parts) => {
      const { fates } = simulate(all, parts);
      expect(new Set(fates.map(({ job }) => job)).size).toBe(all.length);
      expect(fates.length).toBe(all.length);
      for (const { job, end } of fates) {
        if (end !== 'superseded') continue;
        expect(job.supersedes).toBeDefined();
        expect(all.some((other) => other !== job && other.supersedes === job.supersedes && other.at >= job.at)).toBe(
          true,
        );
      }
    }),
  );
});

test('has no more jobs at once than workers, and none before it came', () => {
  fc.assert(
    fc.property(planned, site, (all, parts) => {
      const { fates } = simulate(all, parts);
      const done = fates.flatMap((fate) => (fate.end === 'done' ? [fate] : []));
      for (const { job, leasedAt, doneAt } of done) {
        expect(leasedAt).toBeGreaterThanOrEqual(job.at + parts.leaseMs);
        expect(doneAt - leasedAt).toBe(parts.fetchMs + job.serviceMs + parts.settleMs);
        const from = leasedAt - parts.leaseMs;
        const beside = done.filter((other) => other.leasedAt - parts.leaseMs <= from && other.doneAt > from);
        expect(beside.length).toBeLessThanOrEqual(parts.workers);
      }
    }),
  );
});

test('never idles while a job waits', () => {
  fc.assert(
    fc.property(planned, site, (all, parts) => {
      const { fates } = simulate(all, parts);
      const done = fates.flatMap((fate) => (fate.end === 'done' ? [fate] : []));
      for (const { job, leasedAt } of done) {
        const taken = leasedAt - parts.leaseMs;
        if (taken === job.at) continue;
        // The moment before it was taken all workers were held.
        const held = done.filter((other) => other.leasedAt - parts.leaseMs < taken && other.doneAt >= taken);
        expect(held.length).toBeGreaterThanOrEqual(parts.workers);
      }
    }),
  );
});

test("keeps Little's law: jobs that wait are arrivals times waits", () => {
  const all = poisson(20_000, 12, 100, 3);
  const { fates, waitingMs } = simulate(all, { workers: 10, ...NO_OVERHEAD });
  const waits = fates.reduce((sum, fate) => sum + (fate.end === 'done' ? fate.leasedAt - fate.job.at : 0), 0);
  expect(Math.abs(waitingMs / waits - 1)).toBeLessThan(1e-6);
});

test('does as much work whatever the order: one worker is busy exactly as long as its jobs take', () => {
  fc.assert(
    fc.property(planned, (all) => {
      const { fates, busyMs } = simulate(all, { workers: 1, ...NO_OVERHEAD });
      expect(busyMs).toBe(fates.reduce((sum, { job, end }) => sum + (end === 'done' ? job.serviceMs : 0), 0));
    }),
  );
});

test('takes finals before all others, but for the turns of lower classes', () => {
  const waiting = line<{ jobClass: JobClass; tenant: string }>();
  for (const jobClass of CLASSES) for (let i = 0; i < 16; i++) waiting.put({ jobClass, tenant: 'a' });
  const taken = Array.from({ length: 16 }, () => waiting.take()?.jobClass);
  const eight = ['final', 'final', 'partial', 'final', 'interactive', 'final', 'batch', 'final'];
  expect(taken).toEqual([...eight, ...eight]);
});

test('gives tenants turns, however long the line of one is', () => {
  const waiting = line<{ jobClass: JobClass; tenant: string }>();
  for (let i = 0; i < 100; i++) waiting.put({ jobClass: 'batch', tenant: 'many' });
  for (let i = 0; i < 5; i++) waiting.put({ jobClass: 'batch', tenant: 'few' });
  const taken = Array.from({ length: 10 }, () => waiting.take()?.tenant);
  expect(taken.filter((tenant) => tenant === 'few').length).toBe(5);
});

test('lets the newest of a key take the place of one that waits, at the end of the line', () => {
  const waiting = line<{ jobClass: JobClass; tenant: string; supersedes?: string; number: number }>();
  const put = (number: number, supersedes: string) =>
    waiting.put({ jobClass: 'partial', tenant: 'a', supersedes, number })?.number;
  expect([put(1, 'x'), put(2, 'y'), put(3, 'x')]).toEqual([undefined, undefined, 1]);
  expect(waiting.size()).toBe(2);
  expect([waiting.take()?.number, waiting.take()?.number, waiting.take()]).toEqual([2, 3, undefined]);
});
