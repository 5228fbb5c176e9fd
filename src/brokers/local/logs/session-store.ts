import type { ListOptions, Millis, SessionStore, Versioned } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import { checkedSession } from '../../names.ts';
import { json } from '../../json.ts';
import type { Op, Shelf } from '../store/op.ts';
import { under } from '../store/store.ts';
import type { World } from '../world.ts';

export interface LocalSessions<Record> {
  readonly port: SessionStore<Record>;
  has(id: string): boolean;
  /** Where what belongs to a session is kept. */
  readonly shelf: (id: string) => Shelf;
  /** What to write to forget a record; nothing when there is none. */
  forget(id: string): readonly Op[];
  /** Ids whose time is over, at most `limit`. */
  expired(limit: number): Promise<readonly string[]>;
}

export interface LocalSessionsOptions<Record> {
  /** Of an id whose time was over, before it is used again. */
  readonly forgetAll: (id: string) => Promise<unknown>;
  /** Where a new record is kept. */
  readonly shelf: (record: Record) => Shelf;
}

interface Row<Record> {
  readonly version: number;
  readonly tenant: string;
  readonly record: Record;
  readonly expires?: Millis;
}

const TIME_DIGITS = 16;

const timeText = (time: Millis): string => String(Math.ceil(time)).padStart(TIME_DIGITS, '0');
const idOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** @param name what its keys begin with: no other store has it. */
export function sessionStore<Record>(
  name: string,
  { store, now, checkOpen, checkSpace }: World,
  { forgetAll, shelf: shelfOf }: LocalSessionsOptions<Record>,
): LocalSessions<Record> {
  /** Of those that were created by this process, and are not kept with the promised ones. */
  const elsewhere = new Map<string, Shelf>();
  const shelf = (id: string): Shelf => elsewhere.get(id) ?? store;
  const keyOf = (id: string): string => `${name}/${id}`;
  const tenantPrefix = (tenant: string): string => `${name}-of/${encodeURIComponent(tenant)}`;
  const byEnd = `${name}-end`;
  const endOps = (id: string, expires: Millis | undefined, op: { readonly value?: string }): readonly Op[] =>
    expires === undefined ? [] : [{ key: `${byEnd}/${timeText(expires)}/${id}`, ...op }];
  const rows = json<Row<Record>>();
  const records = json<Record>();

  const get = (id: string): Row<Record> | undefined => {
    const text = store.get(keyOf(id));
    const row = text === undefined ? undefined : rows.read(text);
    return row?.expires !== undefined && row.expires <= now() ? undefined : row;
  };

  const versioned = (id: string, { version, tenant, record }: Row<Record>): Versioned<Record> => ({
    id,
    version,
    tenant,
    record,
  });

  const forget = (id: string): readonly Op[] => {
    elsewhere.delete(id);
    const text = store.get(keyOf(id));
    if (text === undefined) return [];
    const { tenant, expires } = rows.read(text);
    return [{ key: keyOf(id) }, { key: `${tenantPrefix(tenant)}/${id}` }, ...endOps(id, expires, {})];
  };

  const until = (ttl: Millis | undefined): { readonly expires?: Millis } =>
    ttl === undefined ? {} : { expires: millis(now() + ttl) };

  const rowOps = (id: string, row: Row<Record>): readonly Op[] => [
    { key: keyOf(id), value: rows.write(row) },
    { key: `${tenantPrefix(row.tenant)}/${id}`, value: '' },
    ...endOps(id, row.expires, { value: '' }),
  ];

  const list = async ({ tenant, order, after, limit }: ListOptions): Promise<readonly Versioned<Record>[]> => {
    checkOpen();
    const prefix = tenant === undefined ? name : tenantPrefix(tenant);
    const page: Versioned<Record>[] = [];
    let cursor = after;
    while (page.length < limit) {
      const bounds = under(prefix);
      if (cursor !== undefined && order === 'asc') bounds.from = `${prefix}/${cursor}\u0000`;
      if (cursor !== undefined && order === 'desc') bounds.to = `${prefix}/${cursor}`;
      const keys = await store.range({ ...bounds, limit: limit - page.length, reverse: order === 'desc' });
      for (const [key] of keys) {
        const id = idOf(key);
        const row = get(id);
        if (row !== undefined) page.push(versioned(id, row));
        cursor = id;
      }
      if (keys.length === 0) break;
    }
    await store.settled();
    return page;
  };

  return {
    port: {
      async create(id, tenant, record, ttl) {
        checkOpen();
        checkedSession(id);
        const copy = records.read(records.write(record));
        await checkSpace();
        checkOpen();
        if (store.get(keyOf(id)) !== undefined && get(id) === undefined) await forgetAll(id);
        const found = get(id);
        if (found !== undefined) {
          await store.settled();
          return { status: 'exists', ...versioned(id, found) };
        }
        const row: Row<Record> = { version: 1, tenant, record: copy, ...until(ttl) };
        if (shelfOf(copy) !== store) elsewhere.set(id, shelfOf(copy));
        await shelf(id).write(rowOps(id, row));
        return { status: 'created' };
      },
      async read(id) {
        checkOpen();
        const row = get(id);
        await store.settled();
        return row === undefined ? undefined : versioned(id, row);
      },
      async save(id, version, record, ttl) {
        checkOpen();
        const row = get(id);
        if (row === undefined) return 'gone';
        if (row.version !== version) return 'conflict';
        const { tenant, expires } = row;
        const kept = expires === undefined ? {} : { expires };
        const next: Row<Record> = { version: version + 1, tenant, record, ...(ttl === undefined ? kept : until(ttl)) };
        await shelf(id).write([...endOps(id, expires, {}), ...rowOps(id, next)]);
        return 'ok';
      },
      async remove(id) {
        checkOpen();
        const found = get(id) !== undefined;
        const from = shelf(id);
        await from.write(forget(id));
        return found;
      },
      list,
    },
    has: (id) => get(id) !== undefined,
    shelf,
    forget,
    async expired(limit) {
      const keys = await store.range({ from: `${byEnd}/`, to: `${byEnd}/${timeText(millis(now() + 1))}`, limit });
      return keys.map(([key]) => idOf(key));
    },
  };
}
