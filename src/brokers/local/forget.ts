import { millis } from '../../core/index.ts';
import { checkSession } from './names.ts';
import type { Op } from './store/op.ts';
import { under } from './store/store.ts';
import type { World } from './world.ts';

interface Parts {
  readonly sessions: {
    has(id: string): boolean;
    forget(id: string): readonly Op[];
    expired(limit: number): Promise<readonly string[]>;
  };
  readonly events: { forget(session: string): Promise<readonly Op[]> };
  readonly outcomes: { forget(session: string): Promise<readonly Op[]> };
  readonly queues: readonly { forget(session: string): readonly Op[] }[];
  readonly files: readonly {
    sessions(): readonly string[] | Promise<readonly string[]>;
    forget(session: string): Promise<void>;
  }[];
}

export interface Forgetter {
  /** All of a session, from the disk too; `false` when there was nothing. */
  forget(session: string): Promise<boolean>;
  /** At the start: what a crash interrupted, what is past its time, and files that no record speaks of. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** A session that is being forgotten: should the process end in the middle, the next one goes on. */
const MARKS = 'forget';
const SWEEP_EVERY = millis(10_000);
/** Deleted text is in the store's files until they are rewritten; many at once share one rewrite. */
const ERASE_AFTER = millis(5000);
const SWEEP_BATCH = 100;

export function forgetter(world: World, { sessions, events, outcomes, queues, files }: Parts): Forgetter {
  const { clock, store, memory } = world;
  let cancelSweep = (): void => {};
  let closed = false;
  let cancelErase: (() => void) | undefined;
  /** Work under way, which closing waits for. */
  const working = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const done: Promise<unknown> = work.then(
      () => undefined,
      () => undefined,
    );
    working.add(done);
    return work.finally(() => working.delete(done));
  };

  const erase = (): Promise<void> => {
    cancelErase = undefined;
    return store.erase();
  };

  const forget = async (session: string): Promise<boolean> => {
    checkSession(session);
    const mark = `${MARKS}/${session}`;
    const record = sessions.forget(session);
    // Without its jobs and record nobody writes to its logs any more.
    const jobs = queues.flatMap((queue) => queue.forget(session));
    await Promise.all([memory.write(jobs), store.write([...record, ...jobs, { key: mark, value: '' }])]);
    const logged = [...(await events.forget(session)), ...(await outcomes.forget(session))];
    await Promise.all([memory.write(logged), store.write(logged)]);
    for (const part of files) await part.forget(session);
    await store.write([{ key: mark }]);
    cancelErase ??= clock.after(ERASE_AFTER, () => void track(erase()).catch(() => {}));
    return record.length > 0;
  };

  const sweepExpired = async (): Promise<void> => {
    for (const session of await sessions.expired(SWEEP_BATCH)) await forget(session);
  };

  const sweepAgain = (): void => {
    if (closed) return;
    cancelSweep = clock.after(SWEEP_EVERY, () => {
      // A store that fails says so to everybody who calls it.
      void track(sweepExpired()).then(sweepAgain, sweepAgain);
    });
  };

  return {
    forget: (session) => track(forget(session)),
    async sweep() {
      const marked = await store.range(under(MARKS));
      for (const [key] of marked) await forget(key.slice(MARKS.length + 1));
      await sweepExpired();
      for (const part of files) {
        for (const session of await part.sessions()) if (!sessions.has(session)) await part.forget(session);
      }
      sweepAgain();
    },
    async close() {
      closed = true;
      cancelSweep();
      await Promise.all(working);
      if (cancelErase === undefined) return;
      cancelErase();
      await erase();
    },
  };
}
