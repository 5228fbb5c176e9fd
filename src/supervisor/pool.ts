/**
 * Which workers there are, and what is to be done so that there are as many as wanted. Pure: events in, actions out.
 *
 * States of a worker:
 *
 *     start ─▶ starting ─ready─▶ running ─drain─▶ draining ─exit─▶ gone
 *                 │  └─drain──────────────────────▶ │
 *                 └─exit─▶ gone   running ─exit─▶ gone
 *
 * - One that should run and ends by itself is a failure: the next start waits, twice as long with each failure in a row, up to a bound. A
 *   worker that has run for a while ends the row.
 * - One that does not get ready in time is killed, which is a failure too; one that does not drain in time is killed, which is none.
 * - Never more processes than `max`: while one drains, none is started in its place beyond that.
 * - To be fewer, one that still starts goes first, then the youngest.
 */

export interface PoolRules {
  readonly max: number;
  /** In seconds: what a worker may take to be ready, */
  readonly startSeconds: number;
  /** to end once it was told to, */
  readonly drainSeconds: number;
  /** and for how long it has run when its start counts as a success. */
  readonly steadySeconds: number;
  /** The wait after a first failure, and the longest. */
  readonly backoffSeconds: number;
  readonly maxBackoffSeconds: number;
}

export interface PoolWorker {
  readonly id: number;
  readonly state: 'starting' | 'running' | 'draining';
  /** When it came into this state, in seconds. */
  readonly since: number;
  /** Whether it was told to end at once. */
  readonly killed: boolean;
}

export interface Pool {
  readonly workers: readonly PoolWorker[];
  readonly wanted: number;
  readonly nextId: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Nothing is started before. */
  readonly notBefore: number;
  /** Workers that ended by themselves so far. */
  readonly lost: number;
}

/** `tick` makes time pass; the others tell what happened. All in seconds of one clock. */
export type PoolEvent =
  | { readonly type: 'tick'; readonly at: number }
  | { readonly type: 'wanted'; readonly count: number; readonly at: number }
  | { readonly type: 'ready'; readonly id: number; readonly at: number }
  | { readonly type: 'exited'; readonly id: number; readonly at: number };

export interface PoolAction {
  readonly type: 'start' | 'drain' | 'kill';
  readonly id: number;
}

export const EMPTY_POOL: Pool = { workers: [], wanted: 0, nextId: 1, failures: 0, notBefore: 0, lost: 0 };

/** The pool after an event, and what is to be done. */
export function step(
  pool: Pool,
  event: PoolEvent,
  rules: PoolRules,
): { readonly pool: Pool; readonly actions: readonly PoolAction[] } {
  return settle(take(pool, event, rules), event.at, rules);
}

function take(pool: Pool, event: PoolEvent, rules: PoolRules): Pool {
  switch (event.type) {
    case 'tick':
      return pool;
    case 'wanted':
      return { ...pool, wanted: Math.min(rules.max, Math.max(0, event.count)) };
    case 'ready':
      return change(pool, event.id, (worker) =>
        worker.state === 'starting' ? { ...worker, state: 'running', since: event.at } : worker,
      );
    case 'exited': {
      const worker = pool.workers.find(({ id }) => id === event.id);
      const rest = { ...pool, workers: pool.workers.filter(({ id }) => id !== event.id) };
      if (worker === undefined || worker.state === 'draining') return rest;
      const wasSteady = worker.state === 'running' && event.at - worker.since >= rules.steadySeconds;
      const failures = wasSteady ? 1 : pool.failures + 1;
      const wait = Math.min(rules.maxBackoffSeconds, rules.backoffSeconds * 2 ** (failures - 1));
      return { ...rest, failures, lost: pool.lost + 1, notBefore: event.at + wait };
    }
  }
}

const change = (pool: Pool, id: number, how: (worker: PoolWorker) => PoolWorker): Pool => ({
  ...pool,
  workers: pool.workers.map((worker) => (worker.id === id ? how(worker) : worker)),
});

/** Kills what is late, then starts or drains until there are as many as wanted. */
function settle(pool: Pool, at: number, rules: PoolRules): { readonly pool: Pool; readonly actions: PoolAction[] } {
  const actions: PoolAction[] = [];
  let next = pool;
  for (const { id, state, since, killed } of pool.workers) {
    const limit = state === 'starting' ? rules.startSeconds : state === 'draining' ? rules.drainSeconds : Infinity;
    if (killed || at - since < limit) continue;
    actions.push({ type: 'kill', id });
    next = change(next, id, (worker) => ({ ...worker, killed: true }));
  }
  const staying = (): readonly PoolWorker[] => next.workers.filter(({ state }) => state !== 'draining');
  while (staying().length < next.wanted && next.workers.length < rules.max && at >= next.notBefore) {
    const id = next.nextId;
    actions.push({ type: 'start', id });
    const worker = { id, state: 'starting', since: at, killed: false } as const;
    next = { ...next, nextId: id + 1, workers: [...next.workers, worker] };
  }
  while (staying().length > next.wanted) {
    const leaving = staying().findLast(({ state }) => state === 'starting') ?? staying().at(-1);
    if (leaving === undefined) break;
    actions.push({ type: 'drain', id: leaving.id });
    next = change(next, leaving.id, (worker) => ({ ...worker, state: 'draining', since: at }));
  }
  return { pool: next, actions };
}
