import type { Clock, Millis } from '../../core/index.ts';

interface Waiter {
  /** Takes what is there for it, if anything is. */
  readonly serve: () => void;
  readonly leave: () => void;
}

/** Those who wait for something to take. They are served in the order of their coming. */
export interface WaitingRoom {
  /**
   * What `attempt` gives, now or after a `wake`; undefined when the time is over, `signal` aborts, or the room closes.
   * An attempt that gives something has taken it.
   */
  wait<T>(
    attempt: () => T | undefined,
    options: { readonly wait: Millis; readonly signal?: AbortSignal | undefined },
  ): Promise<T | undefined>;
  /** There may be something: everybody tries again. */
  wake(): void;
  close(): void;
}

export function waitingRoom(clock: Clock): WaitingRoom {
  const waiters = new Set<Waiter>();
  let closed = false;
  return {
    wait(attempt, { wait, signal }) {
      if (closed || signal?.aborted === true) return Promise.resolve(undefined);
      const found = attempt();
      if (found !== undefined || wait <= 0) return Promise.resolve(found);
      return new Promise((resolve) => {
        const end = (value: ReturnType<typeof attempt>): void => {
          waiters.delete(waiter);
          cancel();
          signal?.removeEventListener('abort', waiter.leave);
          resolve(value);
        };
        const waiter: Waiter = {
          serve() {
            const taken = attempt();
            if (taken !== undefined) end(taken);
          },
          leave: () => end(undefined),
        };
        const cancel = clock.after(wait, waiter.leave);
        signal?.addEventListener('abort', waiter.leave, { once: true });
        waiters.add(waiter);
      });
    },
    wake() {
      for (const waiter of waiters) waiter.serve();
    },
    close() {
      closed = true;
      for (const waiter of waiters) waiter.leave();
    },
  };
}
