import type { Clock, Millis } from '../../core/index.ts';
import { ScriptoriumError, millis } from '../../core/index.ts';

export interface PullOptions {
  readonly wait: Millis;
  readonly signal?: AbortSignal | undefined;
  /** Whether there may be something for it, as far as is known without asking. */
  readonly wants: () => boolean;
}

/** Those who wait for something to take, in the order of their coming. */
export interface Pulling {
  /**
   * What `attempt` gives, now or when a bell was rung; undefined when the time is over, `signal` aborts or all is closed. Who waits
   * waits through a broker that can't be reached too, and hears of that when the time is over.
   */
  pull<T>(attempt: () => Promise<T | undefined>, options: PullOptions): Promise<T | undefined>;
  /** Lets the first try again for whom there may be something. */
  ring(): void;
  /** Whether anybody waits for whom there may be something. */
  isAwaited(): boolean;
  /** Ends all waits; resolves when no attempt is under way. */
  close(): Promise<void>;
}

interface Sleeper {
  readonly wants: () => boolean;
  readonly wake: () => void;
}

/** How soon somebody who waits asks a broker again that could not be reached. */
const ASK_AGAIN = millis(500);

const isOutage = (error: unknown): boolean => error instanceof ScriptoriumError && error.code === 'broker-unreachable';

export function pulling(clock: Clock): Pulling {
  const sleepers = new Set<Sleeper>();
  const working = new Set<Promise<unknown>>();
  let closed = false;

  const ring = (): void => {
    for (const sleeper of sleepers) {
      if (!sleeper.wants()) continue;
      sleeper.wake();
      return;
    }
  };

  /** Until `wake` is called, by whomever. */
  const sleep = (wants: () => boolean, keep: (wake: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        sleepers.delete(sleeper);
        resolve();
      };
      const sleeper: Sleeper = { wants, wake };
      sleepers.add(sleeper);
      keep(wake);
    });

  async function work<T>(
    attempt: () => Promise<T | undefined>,
    { wait, signal, wants }: PullOptions,
  ): Promise<T | undefined> {
    let timedOut = wait <= 0;
    let wake = (): void => {};
    const onAbort = (): void => wake();
    const cancel = clock.after(wait, () => {
      timedOut = true;
      wake();
    });
    signal?.addEventListener('abort', onAbort);
    const isOver = (): boolean => timedOut || closed || signal?.aborted === true;
    try {
      for (;;) {
        let outage: unknown;
        try {
          const found = await attempt();
          if (found !== undefined) return found;
        } catch (error) {
          if (closed) return undefined;
          if (timedOut || !isOutage(error)) throw error;
          outage = error;
        }
        if (isOver()) return undefined;
        if (outage === undefined && wants()) continue;
        const again = outage === undefined ? undefined : clock.after(ASK_AGAIN, () => wake());
        await sleep(wants, (how) => {
          wake = how;
        });
        again?.();
        if (timedOut && outage !== undefined) throw outage;
        if (isOver()) return undefined;
      }
    } finally {
      cancel();
      signal?.removeEventListener('abort', onAbort);
      // What it was woken for, or more of it, may be there for another.
      ring();
    }
  }

  return {
    async pull(attempt, options) {
      if (closed || options.signal?.aborted === true) return undefined;
      const pulled = work(attempt, options);
      const settled: Promise<unknown> = pulled.then(
        () => working.delete(settled),
        () => working.delete(settled),
      );
      working.add(settled);
      return pulled;
    },
    ring,
    isAwaited: () => [...sleepers].some(({ wants }) => wants()),
    async close() {
      closed = true;
      for (const { wake } of sleepers) wake();
      await Promise.all(working);
    },
  };
}
