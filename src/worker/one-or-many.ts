/**
 * Lets many work side by side, or one all alone. An engine that dies takes all its segments along, so one that was there at
 * a death is tried again by itself: then it is known whose fault the next death is, and nobody else pays for it.
 */
export interface OneOrMany {
  /** Resolves when the work may begin; rejects with the reason of `signal`. */
  enter(alone: boolean, signal: AbortSignal): Promise<Stay>;
}

export interface Stay {
  /** Whether another was there at any time. */
  wasAccompanied(): boolean;
  leave(): void;
}

interface Waiting {
  readonly alone: boolean;
  readonly go: () => void;
}

/** First come, first served: a lone one waits until those before it are done, and those after it wait for it. */
export function oneOrMany(): OneOrMany {
  const inside = new Set<{ accompanied: boolean }>();
  let hasLoner = false;
  let line: Waiting[] = [];

  const mayEnter = (alone: boolean): boolean => (alone ? inside.size === 0 : !hasLoner);

  function admit(): void {
    for (;;) {
      const [first, ...rest] = line;
      if (first === undefined || !mayEnter(first.alone)) return;
      line = rest;
      first.go();
    }
  }
  function occupy(alone: boolean): Stay {
    const stay = { accompanied: inside.size > 0 };
    for (const other of inside) other.accompanied = true;
    inside.add(stay);
    hasLoner = alone;
    return {
      wasAccompanied: () => stay.accompanied,
      leave() {
        if (!inside.delete(stay)) return;
        if (alone) hasLoner = false;
        admit();
      },
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
