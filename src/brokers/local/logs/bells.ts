/** Somebody who waits for news of one name. */
export interface Listener {
  /** News before this are known. */
  reset(): void;
  /** Resolves when there were news since the last `reset`, or it has ended. */
  rung(): Promise<void>;
  /** Whether nothing more will come: the name or all bells ended, or the listener's signal aborted. */
  ended(): boolean;
  leave(): void;
}

/** News by name, without what they say: listeners look for themselves. */
export interface Bells {
  listen(name: string, signal: AbortSignal): Listener;
  ring(name: string): void;
  /** Ends those who listen to a name now. */
  end(name: string): void;
  close(): void;
}

interface Ear {
  heard: boolean;
  over: boolean;
  wake: (() => void) | undefined;
}

export function bells(): Bells {
  const ears = new Map<string, Set<Ear>>();
  const tell = (name: string, change: (ear: Ear) => void): void => {
    for (const ear of ears.get(name) ?? []) {
      change(ear);
      ear.wake?.();
    }
  };
  const end = (name: string): void =>
    tell(name, (ear) => {
      ear.over = true;
    });

  return {
    listen(name, signal) {
      const ear: Ear = { heard: false, over: false, wake: undefined };
      const listening = ears.get(name) ?? new Set();
      ears.set(name, listening.add(ear));
      const onAbort = (): void => ear.wake?.();
      signal.addEventListener('abort', onAbort);
      const ended = (): boolean => ear.over || signal.aborted;
      return {
        reset: () => {
          ear.heard = false;
        },
        async rung() {
          if (ear.heard || ended()) return;
          await new Promise<void>((resolve) => {
            ear.wake = resolve;
          });
          ear.wake = undefined;
        },
        ended,
        leave() {
          signal.removeEventListener('abort', onAbort);
          listening.delete(ear);
          if (listening.size === 0 && ears.get(name) === listening) ears.delete(name);
        },
      };
    },
    ring: (name) =>
      tell(name, (ear) => {
        ear.heard = true;
      }),
    end,
    close() {
      for (const name of ears.keys()) end(name);
    },
  };
}
