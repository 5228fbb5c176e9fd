import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { Clock, ScriptoriumError } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import type { Op, Shelf } from './op.ts';
import { storageError } from '../../storage-error.ts';

export interface KeyRange {
  /** First key, inclusive. */
  readonly from: string;
  /** Last key, exclusive. */
  readonly to: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/**
 * Keys and values on the disk, in LevelDB. Writes of one moment share one synced commit, and commits follow each other: after a
 * crash the disk holds a prefix of all writes. So a change may be acted on in memory before it is on the disk, as long as nobody
 * outside hears of it.
 */
export interface Store extends Shelf {
  /**
   * The same keys, for what was promised to nobody: a write resolves at once and goes to the disk with the next synced one, or a
   * moment later by itself and unsynced. A killed process loses that moment at most, and never what was written before it.
   */
  readonly behind: Shelf;
  /** Keys of a range with their newest values, once all that was promised of them is on the disk. */
  range(range: KeyRange): Promise<readonly (readonly [key: string, value: string])[]>;
  /** Resolves when all that was promised so far is on the disk. */
  settled(): Promise<void>;
  /** Writes what waits; resolves when all that was written so far is where a killed process can't take it back. */
  flushed(): Promise<void>;
  /** Rewrites the files so that nothing deleted can be read from them. */
  erase(): Promise<void>;
  /** What a failed write left is unknown: nothing is written after one. Undefined while all is well. */
  failure(): ScriptoriumError | undefined;
  /** Writes what is pending, then lets go of the folder. */
  close(): Promise<void>;
}

/** Keys under `prefix/`: `0` is the character after `/`. */
export const under = (prefix: string): { from: string; to: string } => ({
  from: `${prefix}/`,
  to: `${prefix}0`,
});

const FIRST = '\u0000';
const LAST = '~';
/** How long writes that nobody waits for gather: a commit takes the same for one as for hundreds. */
const BEHIND = millis(50);

interface Batch {
  readonly ops: Op[];
  /** It is to be synced. */
  isPromised: boolean;
  /** Somebody waits for it: it is not put off. */
  isPressing: boolean;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Some writers don't wait; whoever does still hears of a failure. */
function heardOf(writing: Promise<void>): Promise<void> {
  writing.catch(() => {});
  return writing;
}

function newBatch(): Batch {
  let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  const done = heardOf(
    new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
    }),
  );
  return {
    ops: [],
    isPromised: false,
    isPressing: false,
    done,
    resolve: () => settle?.resolve(),
    reject: (error) => settle?.reject(error),
  };
}

/**
 * @param folder the data folder, as messages name it; the store has one of its own in it.
 * @throws ScriptoriumError `storage-in-use`, `storage-unwritable`, `storage-full` or `storage-failed`.
 */
export async function openStore(folder: string, clock: Clock): Promise<Store> {
  const db = new ClassicLevel(join(folder, 'store'), { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  await db.open().catch((error: unknown) => {
    throw storageError(error, folder);
  });
  /** Not on the disk yet; the newest of each key, and the batch that it belongs to. */
  const pending = new Map<string, { readonly value: string | undefined; readonly batch: Batch }>();
  let next: Batch | undefined;
  let current: Batch | undefined;
  /** A commit is under way, or begins with the next turn of the event loop. */
  let writing = false;
  let cancelBehind: (() => void) | undefined;
  let broken: ScriptoriumError | undefined;

  const commit = async (batch: Batch): Promise<void> => {
    if (broken !== undefined) throw broken;
    const changes = batch.ops.map(({ key, value }) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    );
    try {
      await db.batch(changes, { sync: batch.isPromised });
    } catch (error) {
      broken = storageError(error, folder);
      throw broken;
    }
    for (const { key } of batch.ops) if (pending.get(key)?.batch === batch) pending.delete(key);
  };

  const isPressed = (): boolean => next?.isPressing === true;

  const writeAll = async (): Promise<void> => {
    cancelBehind?.();
    cancelBehind = undefined;
    do {
      current = next;
      next = undefined;
      if (current !== undefined) await commit(current).then(current.resolve, current.reject);
    } while (isPressed());
    current = undefined;
    writing = false;
    putOff();
  };

  const press = (batch: Batch): void => {
    batch.isPressing = true;
    begin();
  };

  const begin = (): void => {
    // A turn of the event loop later, so that all that is written in this one shares a commit.
    if (!writing) setImmediate(() => void writeAll());
    writing = true;
  };

  const putOff = (): void => {
    if (!writing && next !== undefined) cancelBehind ??= clock.after(BEHIND, begin);
  };

  const add = (ops: readonly Op[]): Batch => {
    const batch = (next ??= newBatch());
    for (const op of ops) {
      batch.ops.push(op);
      pending.set(op.key, { value: op.value, batch });
    }
    return batch;
  };

  const write = (ops: readonly Op[]): Promise<void> => {
    if (broken !== undefined) return heardOf(Promise.reject(broken));
    const batch = add(ops);
    batch.isPromised = true;
    press(batch);
    return batch.done;
  };

  const get = (key: string): string | undefined => {
    const waiting = pending.get(key);
    return waiting === undefined ? db.getSync(key) : waiting.value;
  };

  const settled = async (): Promise<void> => {
    if (next?.isPromised) await next.done;
    else if (current?.isPromised) await current.done;
  };

  const flushed = async (): Promise<void> => {
    if (next !== undefined) press(next);
    await (next ?? current)?.done;
  };

  const range = async ({ from, to, limit, reverse = false }: KeyRange): Promise<[string, string][]> => {
    await settled();
    const waiting = new Map([...pending].filter(([key]) => key >= from && key < to));
    // Those that wait may delete so many of the ones that are found.
    const most = limit === undefined ? -1 : limit + waiting.size;
    const found = await db.iterator({ gte: from, lt: to, limit: most, reverse }).all();
    if (waiting.size === 0) return found;
    const kept = found.filter(([key]) => !waiting.has(key));
    for (const [key, { value }] of waiting) if (value !== undefined) kept.push([key, value]);
    kept.sort(([a], [b]) => (a < b === reverse ? 1 : -1));
    return kept.slice(0, limit);
  };

  return {
    get,
    write,
    behind: {
      get,
      async write(ops) {
        if (broken !== undefined) throw broken;
        add(ops);
        putOff();
      },
    },
    settled,
    flushed,
    failure: () => broken,
    range,
    async erase() {
      await flushed();
      // The first pass writes values to tables; the markers make the second one merge every table with what deletes them.
      await db.compactRange(FIRST, LAST);
      await write([
        { key: FIRST, value: '' },
        { key: LAST, value: '' },
      ]);
      await db.compactRange(FIRST, LAST);
    },
    async close() {
      if (next !== undefined) next.isPromised = true;
      await flushed();
      cancelBehind?.();
      await db.close();
    },
  };
}
