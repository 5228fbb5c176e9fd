import type { Clock, Millis } from '../core/index.ts';
import { millis } from '../core/index.ts';

export interface StepAsideOptions {
  readonly clock: Clock;
  /** Without urgent work for so long, background work goes on. */
  readonly calm: Millis;
  /** When no background work has ended for so long, one is let in beside the urgent. */
  readonly patience: Millis;
}

/**
 * Keeps an engine free for what somebody waits for. An engine works on what it was given first, and a step of its encoder can't be
 * broken off, so even one piece of background work makes urgent work wait several times as long as it takes.
 *
 * ```
 *  open: `room` pieces of background work go on; one more with each that ends
 *   │  ▲
 *   │  └── no urgent work for `calm`: `room` is 1 again
 *   ▼
 *  aside: urgent work has come; what went on is broken off, in its place in the line, and nothing begins
 *   │  ▲
 *   │  └── it ends
 *   ▼
 *  aside but one: none ended for `patience`; the first in line is let in alone, and nothing breaks it off
 * ```
 *
 * Room is given back little by little, so that not much is begun in vain when urgent work comes again and again. What comes first
 * stays first in line, and one that waits is let in at last: so all of it ends, as long as each piece does.
 */
export interface StepAside {
  /** Something urgent has come; call what is returned when it is done. */
  urgent(): () => void;
  /** Whether something urgent is under way or was a moment ago. */
  isAside(): boolean;
  /**
   * Does background work when it may. @param work begun anew, as often as it had to step aside; must stop when its signal aborts.
   * @throws what the work does; the reason of `signal`.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

interface Piece {
  /** While it goes on. */
  stop: AbortController | undefined;
  /** While it waits. */
  go: (() => void) | undefined;
}

export function stepAside({ clock, calm, patience }: StepAsideOptions): StepAside {
  let urgent = 0;
  let isOpen = true;
  let room = Number.POSITIVE_INFINITY;
  /** Let in although it is not open. */
  let favoured: Piece | undefined;
  let forgetCalm = (): void => {};
  let forgetPatience = (): void => {};
  /** When one last ended, or the first came after none. */
  let endedAt = clock.now();
  /** In the order of their coming. */
  const pieces = new Set<Piece>();

  function admit(): void {
    forgetPatience();
    if (!isOpen && favoured === undefined) {
      const [first] = pieces;
      if (first === undefined) return;
      const left = endedAt + patience - clock.now();
      if (left > 0) {
        forgetPatience = clock.after(millis(left), admit);
        return;
      }
      favoured = first;
    }
    let free = room;
    for (const { stop } of pieces) if (stop !== undefined) free--;
    for (const piece of pieces) {
      if (piece.go === undefined || !(piece === favoured || (isOpen && free > 0))) continue;
      free--;
      piece.go();
    }
  }

  function enter(piece: Piece, signal: AbortSignal): Promise<AbortController> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const giveUp = (): void => {
        piece.go = undefined;
        reject(signal.reason);
      };
      piece.go = () => {
        piece.go = undefined;
        signal.removeEventListener('abort', giveUp);
        piece.stop = new AbortController();
        resolve(piece.stop);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      admit();
    });
  }

  function leave(piece: Piece, hasEnded: boolean): void {
    pieces.delete(piece);
    if (favoured === piece) favoured = undefined;
    if (hasEnded) {
      endedAt = clock.now();
      if (isOpen) room++;
    }
    admit();
  }

  return {
    urgent() {
      urgent++;
      forgetCalm();
      isOpen = false;
      // Before the rest is broken off: it may be the turn of one that goes on.
      admit();
      for (const piece of pieces) if (piece !== favoured) piece.stop?.abort(new Error('stepped aside'));
      let isDone = false;
      return () => {
        if (isDone) return;
        isDone = true;
        if (--urgent > 0) return;
        forgetCalm = clock.after(calm, () => {
          isOpen = true;
          room = 1;
          admit();
        });
      };
    },
    isAside: () => !isOpen,
    async run(work, signal) {
      const piece: Piece = { stop: undefined, go: undefined };
      if (pieces.size === 0) endedAt = clock.now();
      pieces.add(piece);
      let hasEnded = false;
      try {
        for (;;) {
          const stop = await enter(piece, signal);
          try {
            const made = await work(AbortSignal.any([signal, stop.signal]));
            hasEnded = true;
            return made;
          } catch (error) {
            hasEnded = !signal.aborted && !stop.signal.aborted;
            if (signal.aborted || hasEnded) throw error;
          } finally {
            piece.stop = undefined;
          }
        }
      } finally {
        leave(piece, hasEnded);
      }
    },
  };
}
