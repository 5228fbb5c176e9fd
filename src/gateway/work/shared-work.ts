import type { Clock, Millis } from '../../core/index.ts';

export interface SharedWorkParts {
  readonly clock: Clock;
  /** How long work is kept after the last of its clients left without its answer. */
  readonly abandoned: Millis;
  /** Ends it for good: cancels what is under way, and deletes what is there. */
  readonly end: (id: string) => Promise<void>;
}

/** One client's part in some work. */
export interface Membership {
  readonly id: string;
  /** Whether another client began it. */
  readonly joined: boolean;
  /** `answered`: the client has all it asked for. When the last has left, the work is ended, at once or after a while. */
  leave(how: 'answered' | 'gone'): Promise<void>;
}

/**
 * Lets equal requests share one transcription: a client that gives up and sends its file again finds the work already under way.
 */
export interface SharedWork {
  /** Takes part in the work of this fingerprint, or starts it. @throws what `start` throws. */
  enter(fingerprint: string, start: () => Promise<string>): Promise<Membership>;
  /** Keeps work that lost its clients when the server was killed for as long as any that its clients left. */
  adopt(fingerprint: string, id: string): void;
  /** Ends whatever is left. */
  close(): Promise<void>;
}

interface Entry {
  readonly id: Promise<string>;
  members: number;
  isEnded: boolean;
  /** Stops the wait for a client that comes back. */
  keep?: (() => void) | undefined;
}

export function shareWork({ clock, abandoned, end }: SharedWorkParts): SharedWork {
  const entries = new Map<string, Entry>();

  async function finish(fingerprint: string, entry: Entry): Promise<void> {
    entry.keep?.();
    if (entries.get(fingerprint) === entry) entries.delete(fingerprint);
    if (entry.isEnded) return;
    entry.isEnded = true;
    await end(await entry.id);
  }

  function keepFor(fingerprint: string, entry: Entry): void {
    entry.keep = clock.after(abandoned, () => void finish(fingerprint, entry).catch(() => {}));
  }

  return {
    async enter(fingerprint, start) {
      const known = entries.get(fingerprint);
      const entry: Entry = known ?? { id: start(), members: 0, isEnded: false };
      entries.set(fingerprint, entry);
      entry.members += 1;
      entry.keep?.();
      entry.keep = undefined;
      let id: string;
      try {
        id = await entry.id;
      } catch (error) {
        if (entries.get(fingerprint) === entry) entries.delete(fingerprint);
        throw error;
      }
      let here = true;
      return {
        id,
        joined: known !== undefined,
        async leave(how) {
          if (!here) return;
          here = false;
          entry.members -= 1;
          if (entry.members > 0 || entry.isEnded) return;
          if (how === 'answered') return finish(fingerprint, entry);
          keepFor(fingerprint, entry);
        },
      };
    },
    adopt(fingerprint, id) {
      const entry: Entry = { id: Promise.resolve(id), members: 0, isEnded: false };
      if (!entries.has(fingerprint)) entries.set(fingerprint, entry);
      keepFor(fingerprint, entry);
    },
    async close() {
      await Promise.allSettled([...entries].map(([fingerprint, entry]) => finish(fingerprint, entry)));
    },
  };
}
