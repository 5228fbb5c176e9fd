/** A bounded number of places; who finds none waits in line. */
export interface Places {
  /** Resolves with what gives the place back; rejects with the reason of `signal`. */
  take(signal: AbortSignal): Promise<() => void>;
  taken(): number;
}

export function places(count: number): Places {
  let taken = 0;
  const waiting = new Set<() => void>();

  function occupy(): () => void {
    taken++;
    let isBack = false;
    return () => {
      if (isBack) return;
      isBack = true;
      taken--;
      const [next] = waiting;
      next?.();
    };
  }
  return {
    taken: () => taken,
    take(signal) {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          waiting.delete(enter);
          reject(signal.reason);
        };
        const enter = (): void => {
          waiting.delete(enter);
          signal.removeEventListener('abort', stop);
          resolve(occupy());
        };
        if (signal.aborted) reject(signal.reason);
        else if (taken < count) resolve(occupy());
        else {
          waiting.add(enter);
          signal.addEventListener('abort', stop, { once: true });
        }
      });
    },
  };
}
