import type { Clock, Millis } from '../../core/index.ts';
import { millis } from '../../core/index.ts';

/** Node's timers hold 2^31 ms at most; a longer wait is taken in steps. */
const LONGEST_TIMER = millis(3_600_000);

interface Due {
  readonly at: Millis;
  readonly key: string;
}

/** Calls back when something is due. What is no longer true by then is for the listener to know: nothing is ever unscheduled. */
export interface Schedule {
  add(at: Millis, key: string): void;
  /** Handles what is due by now; done by itself, and by whoever wants to be sure. */
  run(): void;
  close(): void;
}

/** @param now broker time; @param onDue gets what was added, earliest first. */
export function schedule(clock: Clock, now: () => Millis, onDue: (key: string, at: Millis) => void): Schedule {
  /** A binary heap: no entry is due before its parent. */
  const heap: Due[] = [];
  let timer: { readonly at: Millis; readonly cancel: () => void } | undefined;

  const at = (index: number): number => heap[index]?.at ?? Number.POSITIVE_INFINITY;
  const swap = (a: number, b: number): void => {
    const [x, y] = [heap[a], heap[b]];
    if (x === undefined || y === undefined) return;
    heap[a] = y;
    heap[b] = x;
  };

  const pop = (): Due | undefined => {
    const top = heap[0];
    const moved = heap.pop();
    if (moved === undefined || heap.length === 0) return top;
    heap[0] = moved;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const least = at(left) <= at(left + 1) ? left : left + 1;
      if (at(least) >= at(index)) return top;
      swap(index, least);
      index = least;
    }
  };

  const setTimer = (): void => {
    const due = heap[0]?.at;
    if (due === undefined || (timer !== undefined && timer.at <= due)) return;
    timer?.cancel();
    const delay = Math.min(LONGEST_TIMER, Math.max(0, due - now()));
    timer = {
      at: due,
      cancel: clock.after(millis(delay), () => {
        timer = undefined;
        run();
      }),
    };
  };

  const run = (): void => {
    while (at(0) <= now()) {
      const due = pop();
      if (due !== undefined) onDue(due.key, due.at);
    }
    setTimer();
  };

  return {
    add(due, key) {
      heap.push({ at: due, key });
      for (let index = heap.length - 1; index > 0;) {
        const parent = (index - 1) >> 1;
        if (at(parent) <= at(index)) break;
        swap(index, parent);
        index = parent;
      }
      setTimer();
    },
    run,
    close() {
      heap.length = 0;
      timer?.cancel();
      timer = undefined;
    },
  };
}
