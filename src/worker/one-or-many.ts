/**
 * Lets many work side by side, or one all alone. An engine that dies takes all its segments along, so one that was there at
 * a death is tried again by itself: then it is known whose fault the next death is, and nobody else pays for it.
 */
export interface OneOrMany {
  /** Resolves with what ends the work; rejects with the reason of `signal`. */
  enter(alone: boolean, signal: AbortSignal): Promise<() => void>;
}

interface Waiting {
  readonly alone: boolean;
  readonly go: () => void;
}

/** First come, first served: a lone one waits until those before it are done, and those after it wait for it. */
export function oneOrMany(): OneOrMany {
  let inside = 0;
  let hasLoner = false;
  let line: Waiting[] = [];

  const mayEnter = (alone: boolean): boolean => (alone ? inside === 0 : !hasLoner);

  function admit(): void {
    for (;;) {
      const [first, ...rest] = line;
      if (first === undefined || !mayEnter(first.alone)) return;
      line = rest;
      first.go();
    }
  }
  function occupy(alone: boolean): () => void {
    inside++;
    hasLoner = alone;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      inside--;
      if (alone) hasLoner = false;
      admit();
    };
  }
  return {
    enter(alone, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const stop = (): void => {
          line = line.filter((one) => one !== waiting);
          reject(signal.reason);
          admit();
        };
        const waiting: Waiting = {
          alone,
          go: () => {
            signal.removeEventListener('abort', stop);
            resolve(occupy(alone));
          },
        };
        signal.addEventListener('abort', stop, { once: true });
        line.push(waiting);
        admit();
      });
    },
  };
}
