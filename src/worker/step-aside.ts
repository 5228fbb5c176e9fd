import type { Clock, Millis } from '../core/index.ts';

export interface StepAsideOptions {
  readonly clock: Clock;
  /** Background work that goes on beside the urgent. */
  readonly beside: number;
  /** Without urgent work for so long, the background has the engine to itself again. */
  readonly calm: Millis;
}

/**
 * Keeps an engine free for what somebody waits for. An engine works on what it was given first, so background work that fills it
 * would have to be finished before anything urgent begins; it is broken off instead, and begun anew when there is room.
 *
 * ```
 * open: all background work goes on ──urgent work──▶ aside: `beside` of it goes on, the rest waits
 *   ▲                                                  │
 *   └──────────────── none for `calm` ─────────────────┘
 * ```
 */
export interface StepAside {
  /** Something urgent has come; call what is returned when it is done. */
  urgent(): () => void;
  /**
   * Does background work when it may. @param work begun anew, as often as it had to step aside; must stop when its signal aborts.
   * @throws what the work does; the reason of `signal`.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

interface Inside {
  readonly stop: AbortController;
}

export function stepAside({ clock, beside, calm }: StepAsideOptions): StepAside {
  let urgent = 0;
  let isOpen = true;
  let forgetCalm = (): void => {};
  /** In the order of their coming. */
  const inside = new Set<Inside>();
  const waiting = new Set<() => void>();

  function admit(): void {
    for (const go of waiting) {
      if (!isOpen && inside.size >= beside) return;
      go();
    }
  }

  function enter(signal: AbortSignal): Promise<Inside> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const giveUp = (): void => {
        waiting.delete(go);
        reject(signal.reason);
      };
      const go = (): void => {
        waiting.delete(go);
        signal.removeEventListener('abort', giveUp);
        const place = { stop: new AbortController() };
        inside.add(place);
        resolve(place);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting.add(go);
      admit();
    });
  }

  return {
    urgent() {
      urgent++;
      isOpen = false;
      forgetCalm();
      // Those that came first are nearest to their end.
      for (const { stop } of [...inside].slice(beside)) stop.abort(new Error('stepped aside'));
      let isDone = false;
      return () => {
        if (isDone) return;
        isDone = true;
        if (--urgent > 0) return;
        forgetCalm = clock.after(calm, () => {
          isOpen = true;
          admit();
        });
      };
    },
    async run(work, signal) {
      for (;;) {
        const place = await enter(signal);
        try {
          return await work(AbortSignal.any([signal, place.stop.signal]));
        } catch (error) {
          if (signal.aborted || !place.stop.signal.aborted) throw error;
        } finally {
          inside.delete(place);
          admit();
        }
      }
    },
  };
}
