import { millis } from '../../../core/index.ts';
import type { World } from '../world.ts';

/** Somebody who waits for news of one session. */
export interface Follower {
  /** Resolves when no later news are missed. */
  readonly ready: Promise<void>;
  /** News before this are known. */
  reset(): void;
  /** Resolves when there were news since the last `reset`, when it is time to look anyway, or when it has ended. */
  rung(): Promise<void>;
  ended(): boolean;
  leave(): void;
}

export interface Followers {
  join(session: string, signal: AbortSignal): Follower;
  /** Ends those who follow a session in this process now. */
  end(session: string): void;
  close(): void;
}

/** News can be lost with a connection that nobody notices. */
const LOOK_ANYWAY = millis(10_000);
/** What is told of a log that was removed. */
const REMOVED = '-';

interface Ear {
  readonly session: string;
  heard: boolean;
  over: boolean;
  wake: (() => void) | undefined;
}

/** @param channelOf where the news of a session are told. */
export function followers({ link, clock }: World, channelOf: (session: string) => string): Followers {
  const ears = new Set<Ear>();
  const finish = (ear: Ear): void => {
    ear.over = true;
    ear.wake?.();
  };

  return {
    join(session, signal) {
      const ear: Ear = { session, heard: false, over: false, wake: undefined };
      ears.add(ear);
      const ring = (): void => {
        ear.heard = true;
        ear.wake?.();
      };
      const listening = link.news.listen(channelOf(session), (text) => (text === REMOVED ? finish(ear) : ring()));
      const onAbort = (): void => finish(ear);
      if (signal.aborted) finish(ear);
      signal.addEventListener('abort', onAbort);
      return {
        ready: listening.ready,
        reset: () => {
          ear.heard = false;
        },
        async rung() {
          if (ear.heard || ear.over) return;
          const cancel = clock.after(LOOK_ANYWAY, ring);
          await new Promise<void>((resolve) => {
            ear.wake = resolve;
          });
          ear.wake = undefined;
          cancel();
        },
        ended: () => ear.over,
        leave() {
          signal.removeEventListener('abort', onAbort);
          listening.stop();
          ears.delete(ear);
        },
      };
    },
    end(session) {
      for (const ear of ears) if (ear.session === session) finish(ear);
    },
    close() {
      for (const ear of ears) finish(ear);
    },
  };
}
