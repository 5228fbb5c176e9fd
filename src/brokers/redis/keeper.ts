import type { Clock, Millis } from '../../core/index.ts';
import { millis } from '../../core/index.ts';
import type { ShardCalls } from './queue/shard-calls.ts';
import type { BrokerTime } from './link/broker-time.ts';

/** Looks after what happens without a call. */
export interface Keeper {
  /** What is known may have changed: leases, delays and holds are looked at when they are due. */
  plan(): void;
  close(): Promise<void>;
}

export interface KeeperOptions {
  readonly clock: Clock;
  readonly time: BrokerTime;
  readonly queues: readonly (Pick<ShardCalls, 'outlook' | 'lookAll' | 'lookDue'> & {
    /** Whether this process puts, claims, or wants numbers: others need not look. */
    isUsed(): boolean;
  })[];
  /** How old what is known may become; 0 when every call looks. */
  readonly fresh: Millis;
  /** In [0, 1). */
  readonly random: () => number;
  /** Forgets what is past its time. */
  readonly sweep: () => Promise<void>;
}

const SWEEP_EVERY = millis(10_000);
/** Leases that run out at one moment are looked at together. */
const LEAST_WAIT = millis(1);

/** How soon Redis is asked again that could not be reached. */
const LOOK_AGAIN = millis(500);

export function keeper({ clock, time, queues, fresh, random, sweep }: KeeperOptions): Keeper {
  const working = new Set<Promise<unknown>>();
  const cancels = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  let closed = false;

  const track = (work: Promise<unknown>): void => {
    // Whoever calls a broker that fails is told so.
    const done: Promise<unknown> = work.catch(() => {}).finally(() => working.delete(done));
    working.add(done);
  };

  const later = (name: string, delay: Millis, work: () => Promise<unknown>, then: () => void, failed = then): void => {
    if (closed) return;
    const at = clock.now() + delay;
    const earlier = cancels.get(name);
    if (earlier !== undefined && earlier.at <= at) return;
    earlier?.cancel();
    const cancel = clock.after(delay, () => {
      cancels.delete(name);
      track(work().then(then, failed));
    });
    cancels.set(name, { at, cancel });
  };

  const lookAt = (index: number, delay: Millis, look: () => Promise<void>): void =>
    later(`due ${index}`, delay, look, plan, () => lookAt(index, LOOK_AGAIN, look));
  const plan = (): void => {
    for (const [index, queue] of queues.entries()) {
      const due = queue.outlook.nextDue();
      if (due === undefined || !queue.isUsed()) continue;
      const delay = Math.max(fresh > 0 ? LEAST_WAIT : 0, due - time.now());
      lookAt(index, millis(delay), queue.lookDue);
    }
  };
  const lookOften = (): void => {
    // Processes that were started together should not look together.
    const delay = millis(fresh * (0.5 + random() / 2));
    if (fresh > 0)
      later(
        'look',
        delay,
        () => Promise.all(queues.flatMap((queue) => (queue.isUsed() ? [queue.lookAll()] : []))),
        lookOften,
      );
    plan();
  };
  const sweepOften = (): void => later('sweep', SWEEP_EVERY, sweep, sweepOften);

  lookOften();
  sweepOften();
  return {
    plan,
    async close() {
      closed = true;
      for (const { cancel } of cancels.values()) cancel();
      await Promise.all(working);
    },
  };
}
