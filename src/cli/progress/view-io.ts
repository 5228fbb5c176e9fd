import type { World } from '../world.ts';

/** What a view writes on: never waits, never fails; what nobody reads is dropped. */
export interface ViewIo {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  readonly now: () => number;
  readonly drain: () => Promise<void>;
}

export function viewIo({ stderr, now }: Pick<World, 'stderr' | 'now'>): ViewIo {
  let tail: Promise<void> = Promise.resolve();
  return {
    write(text) {
      tail = tail.then(() => stderr.write(text)).catch(() => undefined);
    },
    columns: stderr.columns,
    now,
    drain: () => tail,
  };
}
