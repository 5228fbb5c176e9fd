import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY_POOL, step, type Pool, type PoolAction, type PoolEvent, type PoolRules } from './pool.ts';

const RULES: PoolRules = {
  max: 4,
  startSeconds: 30,
  drainSeconds: 10,
  steadySeconds: 60,
  backoffSeconds: 1,
  maxBackoffSeconds: 8,
};

/** Runs events through the pool, telling each state and what was done in it. */
function run(events: readonly PoolEvent[], from: Pool = EMPTY_POOL): { pool: Pool; actions: PoolAction[] } {
  let pool = from;
  const actions: PoolAction[] = [];
  for (const event of events) {
    const after = step(pool, event, RULES);
    ({ pool } = after);
    actions.push(...after.actions);
  }
  return { pool, actions };
}

const two: readonly PoolEvent[] = [
  { type: 'wanted', count: 2, at: 0 },
  { type: 'ready', id: 1, at: 1 },
  { type: 'ready', id: 2, at: 1 },
];

describe('a pool', () => {
  test('starts as many as are wanted, at most its maximum', () => {
    expect(run([{ type: 'wanted', count: 2, at: 0 }]).actions).toEqual([
      { type: 'start', id: 1 },
      { type: 'start', id: 2 },
    ]);
    expect(run([{ type: 'wanted', count: 99, at: 0 }]).pool.workers).toHaveLength(RULES.max);
  });

  test('drains one that still starts first, then the youngest', () => {
    const grown = run([...two, { type: 'wanted', count: 3, at: 2 }]).pool;
    expect(run([{ type: 'wanted', count: 1, at: 3 }], grown).actions).toEqual([
      { type: 'drain', id: 3 },
      { type: 'drain', id: 2 },
    ]);
  });

  test('starts another in the place of one that ended by itself, after a wait that doubles', () => {
    let { pool } = run(two);
    let at = 2;
    const waits: number[] = [];
    for (let failure = 0; failure < 6; failure++) {
      const id = pool.workers.at(-1)?.id ?? 0;
      const ended = run([{ type: 'exited', id, at }], pool);
      expect(ended.actions).toEqual([]);
      waits.push(ended.pool.notBefore - at);
      at = ended.pool.notBefore;
      expect(run([{ type: 'tick', at: at - 0.001 }], ended.pool).actions).toEqual([]);
      const again = run([{ type: 'tick', at }], ended.pool);
      expect(again.actions.map(({ type }) => type)).toEqual(['start']);
      ({ pool } = again);
    }
    expect(waits).toEqual([1, 2, 4, 8, 8, 8]);
  });

  test('forgets earlier failures once a worker has run for a while', () => {
    const { pool } = run([...two, { type: 'exited', id: 2, at: 2 }, { type: 'tick', at: 3 }]);
    expect(pool.failures).toBe(1);
    const later = run([{ type: 'exited', id: 1, at: 70 }], { ...pool, failures: 5 }).pool;
    expect([later.failures, later.notBefore]).toEqual([1, 71]);
  });

  test('takes the end of one that drains for no failure', () => {
    const { pool } = run([...two, { type: 'wanted', count: 1, at: 2 }, { type: 'exited', id: 2, at: 3 }]);
    expect([pool.failures, pool.lost, pool.workers.length]).toEqual([0, 0, 1]);
  });

  test('kills, once, what drains or starts for too long', () => {
    const { pool } = run([...two, { type: 'wanted', count: 1, at: 2 }]);
    expect(run([{ type: 'tick', at: 11.9 }], pool).actions).toEqual([]);
    const late = run([{ type: 'tick', at: 12 }], pool);
    expect(late.actions).toEqual([{ type: 'kill', id: 2 }]);
    expect(run([{ type: 'tick', at: 13 }], late.pool).actions).toEqual([]);
    const slow = run([
      { type: 'wanted', count: 1, at: 0 },
      { type: 'tick', at: 30 },
    ]);
    expect(slow.actions.at(-1)).toEqual({ type: 'kill', id: 1 });
  });

  const happening = fc.oneof(
    fc.record({ type: fc.constant('tick' as const), id: fc.nat(0) }),
    fc.record({ type: fc.constant('wanted' as const), id: fc.nat(8) }),
    fc.record({ type: fc.constant('ready' as const), id: fc.nat(20) }),
    fc.record({ type: fc.constant('exited' as const), id: fc.nat(20) }),
  );
  test('keeps its bounds whatever happens, and what was started ends by a drain, a kill or itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(happening, fc.double({ min: 0, max: 20, noNaN: true })), { maxLength: 60 }),
        (all) => {
          let pool = EMPTY_POOL;
          let at = 0;
          const living = new Set<number>();
          const drained = new Map<number, number>();
          for (const [{ type, id }, delay] of all) {
            at += delay;
            const event: PoolEvent =
              type === 'wanted' ? { type, count: id, at } : type === 'tick' ? { type, at } : { type, id, at };
            const before = pool;
            const after = step(pool, event, RULES);
            ({ pool } = after);
            if (type === 'exited') living.delete(id);
            for (const action of after.actions) {
              const isStart = action.type === 'start';
              expect(isStart && (living.has(action.id) || at < before.notBefore)).toBe(false);
              if (isStart) living.add(action.id);
              if (action.type === 'drain') drained.set(action.id, at);
              const since = drained.get(action.id) ?? -Infinity;
              expect(action.type === 'kill' && at - since < RULES.drainSeconds).toBe(false);
            }
            expect(new Set(pool.workers.map((worker) => worker.id))).toEqual(living);
            expect(pool.workers.length).toBeLessThanOrEqual(RULES.max);
            const staying = pool.workers.filter(({ state }) => state !== 'draining').length;
            expect(staying).toBeLessThanOrEqual(pool.wanted);
            const mayStart = at >= pool.notBefore && pool.workers.length < RULES.max;
            expect(mayStart && staying < pool.wanted).toBe(false);
          }
        },
      ),
    );
  });
});
