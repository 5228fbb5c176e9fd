import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { ScriptoriumError } from '../../../core/index.ts';
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
  /** What is on the disk, after all that was written before the call. */
  range(range: KeyRange): Promise<readonly (readonly [key: string, value: string])[]>;
  /** Resolves when all that was written so far is on the disk. */
  settled(): Promise<void>;
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

interface Batch {
  readonly ops: Op[];
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
  return { ops: [], done, resolve: () => settle?.resolve(), reject: (error) => settle?.reject(error) };
}

/**
 * @param folder the data folder, as messages name it; the store has one of its own in it.
 * @throws ScriptoriumError `storage-in-use`, `storage-unwritable`, `storage-full` or `storage-failed`.
 */
export async function openStore(folder: string): Promise<Store> {
  const db = new ClassicLevel(join(folder, 'store'), { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  await db.open().catch((error: unknown) => {
    throw storageError(error, folder);
  });
  /** Not on the disk yet; the newest of each key, and the batch that it belongs to. */
  const pending = new Map<string, { readonly value: string | undefined; readonly batch: Batch }>();
  let next: Batch | undefined;
  let current: Batch | undefined;
  let writing = false;
  let broken: ScriptoriumError | undefined;

  const commit = async (batch: Batch): Promise<void> => {
    if (broken !== undefined) throw broken;
    const changes = batch.ops.map(({ key, value }) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    );
    try {
      await db.batch(changes, { sync: true });
    } catch (error) {
      broken = storageError(error, folder);
      throw broken;
    }
    for (const { key } of batch.ops) if (pending.get(key)?.batch === batch) pending.delete(key);
  };

  const writeAll = async (): Promise<void> => {
    for (let batch = next; batch !== undefined; batch = next) {
      current = batch;
      next = undefined;
      await commit(batch).then(batch.resolve, batch.reject);
    }
    current = undefined;
    writing = false;
  };

  const write = (ops: readonly Op[]): Promise<void> => {
    if (broken !== undefined) return heardOf(Promise.reject(broken));
    const batch = (next ??= newBatch());
    for (const op of ops) {
      batch.ops.push(op);
      pending.set(op.key, { value: op.value, batch });
    }
    // A turn of the event loop later, so that all that is written in this one shares a commit.
    if (!writing) setImmediate(() => void writeAll());
    writing = true;
    return batch.done;
  };

  const settled = async (): Promise<void> => {
    await (next ?? current)?.done;
  };

  return {
    get(key) {
      const waiting = pending.get(key);
      return waiting === undefined ? db.getSync(key) : waiting.value;
    },
    write,
    settled,
    failure: () => broken,
    async range({ from, to, limit, reverse }) {
      await settled();
      return db.iterator({ gte: from, lt: to, limit: limit ?? -1, reverse: reverse ?? false }).all();
    },
    async erase() {
      await settled();
      // The first pass writes values to tables; the markers make the second one merge every table with what deletes them.
      await db.compactRange(FIRST, LAST);
      await write([
        { key: FIRST, value: '' },
        { key: LAST, value: '' },
      ]);
      await db.compactRange(FIRST, LAST);
    },
    async close() {
      await settled();
      await db.close();
    },
  };
}
