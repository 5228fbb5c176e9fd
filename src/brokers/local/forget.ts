import { millis } from '../../core/index.ts';
import { checkedSession } from '../names.ts';
import type { Op, Shelf } from './store/op.ts';
import { under } from './store/store.ts';
import type { World } from './world.ts';

interface Parts {
  readonly records: readonly {
    has(id: string): boolean;
    readonly shelf: (id: string) => Shelf;
    forget(id: string): readonly Op[];
    expired(limit: number): Promise<readonly string[]>;
  }[];
  readonly events: readonly { forget(session: string): readonly Op[] }[];
  readonly outcomes: { forget(session: string): Promise<readonly Op[]> };
  readonly queues: readonly { forget(session: string): readonly Op[]; wake(): void }[];
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
/** Deleted text is in the store's files until they are rewritten, all of them: so not for every session by itself. */
const ERASE_AFTER = millis(30_000);
/** There is deleted text in the files. */
const ERASE_DUE = 'erase-due';
const SWEEP_BATCH = 100;

export function forgetter(world: World, { records, events, outcomes, queues, files }: Parts): Forgetter {
  const { clock, store, memory } = world;
  const isKept = (session: string): boolean => records.some((part) => part.has(session));
  let cancelSweep = (): void => {};
  let closed = false;
  let cancelErase: (() => void) | undefined;
  /** Work under way, which closing waits for. */
  const working = new Set<Promise<unknown>>();
  const underWay = new Map<string, Promise<boolean>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const done: Promise<unknown> = work.then(
      () => undefined,
      () => undefined,
    );
    working.add(done);
    return work.finally(() => working.delete(done));
  };

  const erase = async (): Promise<void> => {
    cancelErase = undefined;
    await store.erase();
    await store.write([{ key: ERASE_DUE }]);
  };

  const eraseSoon = (): void => {
    cancelErase ??= clock.after(ERASE_AFTER, () => void track(erase()).catch(() => {}));
  };

  const forget = async (session: string): Promise<boolean> => {
    checkedSession(session);
    const mark = `${MARKS}/${session}`;
    const shelf = records.map((part) => part.shelf(session)).find((one) => one !== store) ?? store;
    const record = records.flatMap((part) => part.forget(session));
    // Without its jobs and record nobody writes to its logs any more.
    const jobs = queues.flatMap((queue) => queue.forget(session));
    await Promise.all([memory.write(jobs), shelf.write([...record, ...jobs, { key: mark, value: '' }])]);
    const logged = [...events.flatMap((part) => part.forget(session)), ...(await outcomes.forget(session))];
    await Promise.all([memory.write(logged), shelf.write(logged)]);
    // No record may be left without its files.
    await store.flushed();
    // Fewer outcomes wait now.
    for (const queue of queues) queue.wake();
    for (const part of files) await part.forget(session);
    await shelf.write([{ key: mark }, { key: ERASE_DUE, value: '' }]);
    eraseSoon();
    return record.length > 0;
  };

  /** Who asks while it is under way waits for that. */
  const forgetOnce = (session: string): Promise<boolean> => {
    const going = underWay.get(session);
    if (going !== undefined) return going;
    const work = track(forget(session)).finally(() => underWay.delete(session));
    underWay.set(session, work);
    return work;
  };

  const sweepExpired = async (): Promise<void> => {
    // Meanwhile another may have used the id again.
    for (const part of records) {
      for (const session of await part.expired(SWEEP_BATCH)) if (!isKept(session)) await forgetOnce(session);
    }
  };

  const sweepAgain = (): void => {
    if (closed) return;
    cancelSweep = clock.after(SWEEP_EVERY, () => {
      // A store that fails says so to everybody who calls it.
      void track(sweepExpired()).then(sweepAgain, sweepAgain);
    });
  };

  return {
    forget: forgetOnce,
    async sweep() {
      if (store.get(ERASE_DUE) !== undefined) eraseSoon();
      const marked = await store.range(under(MARKS));
      for (const [key] of marked) await forgetOnce(key.slice(MARKS.length + 1));
      await sweepExpired();
      for (const part of files) {
        for (const session of await part.sessions()) if (!isKept(session)) await part.forget(session);
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
