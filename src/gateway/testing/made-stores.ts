import { createHash } from 'node:crypto';
import type {
  BlobStore,
  EventLog,
  LoggedEvent,
  SessionStore,
  TranscriptionEvent,
  TranscriptionRecord,
} from '../../core/index.ts';
import { millis, ScriptoriumError } from '../../core/index.ts';

/** An event log in memory. */
export function madeEvents<Event = TranscriptionEvent>(): EventLog<Event> & { readonly followers: () => number } {
  const logs = new Map<string, LoggedEvent<Event>[]>();
  const wakes = new Set<() => void>();
  const wake = (): void => [...wakes].forEach((one) => one());
  return {
    followers: () => wakes.size,
    async append(session, after, events) {
      const log = logs.get(session) ?? [];
      logs.set(session, log);
      if (after !== log.length) return { status: 'conflict', last: log.length };
      for (const event of events) log.push({ seq: log.length + 1, at: millis(1000), event });
      wake();
      return { status: 'ok', last: log.length };
    },
    read: async (session, after, limit) => (logs.get(session) ?? []).slice(after, after + limit),
    async *follow(session, after, signal) {
      let wasThere = false;
      for (let at = after; !signal.aborted && (logs.has(session) || !wasThere);) {
        wasThere = logs.has(session);
        const next = logs.get(session)?.[at];
        if (next !== undefined) {
          at += 1;
          yield next;
          continue;
        }
        await new Promise<void>((resolve) => {
          const go = (): void => {
            wakes.delete(go);
            resolve();
          };
          wakes.add(go);
          signal.addEventListener('abort', go, { once: true });
        });
      }
    },
    async remove(session) {
      logs.delete(session);
      wake();
    },
  };
}

/** A session store in memory; times to live never end. */
export function madeSessions<Record = TranscriptionRecord>(): SessionStore<Record> {
  const records = new Map<string, { version: number; tenant: string; record: Record }>();
  return {
    async create(id, tenant, record) {
      const known = records.get(id);
      if (known !== undefined) return { status: 'exists', id, ...known };
      records.set(id, { version: 1, tenant, record });
      return { status: 'created' };
    },
    async read(id) {
      const known = records.get(id);
      return known === undefined ? undefined : { id, ...known };
    },
    async save(id, version, record) {
      const known = records.get(id);
      if (known === undefined) return 'gone';
      if (known.version !== version) return 'conflict';
      records.set(id, { ...known, version: version + 1, record });
      return 'ok';
    },
    remove: async (id) => records.delete(id),
    async list({ tenant, order, after, limit }) {
      const ids = [...records.keys()].toSorted();
      const sorted = order === 'asc' ? ids : ids.reverse();
      return sorted
        .filter((id) => after === undefined || (order === 'asc' ? id > after : id < after))
        .flatMap((id) => {
          const known = records.get(id);
          return known === undefined || (tenant !== undefined && known.tenant !== tenant) ? [] : [{ id, ...known }];
        })
        .slice(0, limit);
    },
  };
}

/** A blob store in memory. */
export function madeBlobs(): BlobStore & { readonly keys: () => string[]; write(key: string, text: string): void } {
  const blobs = new Map<string, Buffer>();
  return {
    keys: () => [...blobs.keys()],
    write: (key, text) => void blobs.set(key, Buffer.from(text)),
    async put(key, bytes, { limit, signal }) {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of bytes) {
        signal?.throwIfAborted();
        size += chunk.length;
        if (size > limit)
          throw new ScriptoriumError('upload-too-large', `Maximum content size limit (${String(limit)}) exceeded.`);
        chunks.push(chunk);
      }
      const whole = Buffer.concat(chunks);
      blobs.set(key, whole);
      return { bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') };
    },
    async *open(key) {
      const blob = blobs.get(key);
      if (blob === undefined) throw new ScriptoriumError('blob-missing', `${key} is not there.`);
      yield blob;
    },
    path: () => undefined,
    remove: async (key) => blobs.delete(key),
    list: async (session) => [...blobs.keys()].filter((key) => key.startsWith(`${session}/`)).toSorted(),
  };
}
