import type { ListOptions, SessionStore, Versioned } from '../../../core/index.ts';
import { json } from '../../json.ts';
import { textOf, textsOf } from '../link/reply.ts';
import { checkedSession } from '../../names.ts';
import { CREATE, EXPIRED, LIST, READ, REMOVE, SAVE } from '../scripts/sessions.ts';
import { shardOfSession } from '../shards.ts';
import { shardNumbers } from '../world.ts';
import type { World } from '../world.ts';

export interface RedisSessions<Record> {
  readonly port: SessionStore<Record>;
  /** Ids whose time is over, at most `limit` a shard. */
  expired(limit: number): Promise<readonly string[]>;
  has(id: string): Promise<boolean>;
}

export interface SessionHooks {
  /** Forgets all of an id whose time was over, before it is used again. */
  readonly forgetOver: (id: string) => Promise<unknown>;
  /** Somebody looks at a session, and may ask for more of it. */
  readonly onRead: (id: string) => void;
}

/** @param kind what its keys are told from another store's by. */
export function sessionStore<Record>(kind: string, world: World, hooks: SessionHooks): RedisSessions<Record> {
  const { link, checkOpen } = world;
  const shardOf = (id: string): number => shardOfSession(id, world.shards);

  const records = json<Record>();
  const versioned = (id: string, [version, tenant = '', text = 'null']: readonly string[]): Versioned<Record> => ({
    id,
    version: Number(version),
    tenant,
    record: records.read(text),
  });

  const read = async (id: string): Promise<Versioned<Record> | undefined> => {
    const texts = textsOf(await link.run(READ, shardOf(id), kind, id));
    return texts.length === 0 ? undefined : versioned(id, texts);
  };

  /** Ids of a page: the first of all shards' first. */
  const idsOf = async ({ tenant, order, after = '', limit }: ListOptions): Promise<readonly string[]> => {
    const where = tenant === undefined ? '' : `:${tenant}`;
    const pages = await Promise.all(
      shardNumbers(world).map((shard) => link.run(LIST, shard, kind, where, order, after, limit)),
    );
    // As Redis orders them: by their characters, which are all ASCII.
    const ids = pages.flatMap(textsOf).sort((a, b) => (a < b ? -1 : 1));
    return (order === 'asc' ? ids : ids.reverse()).slice(0, limit);
  };

  return {
    port: {
      async create(id, tenant, record, ttl) {
        checkOpen();
        checkedSession(id);
        const text = JSON.stringify(record);
        const ask = async (): Promise<readonly string[]> =>
          textsOf(await link.run(CREATE, shardOf(id), kind, id, tenant, text, ttl ?? ''));
        let [status, ...found] = await ask();
        while (status === 'over') {
          await hooks.forgetOver(id);
          [status, ...found] = await ask();
        }
        return status === 'created' ? { status } : { status: 'exists', ...versioned(id, found) };
      },
      async read(id) {
        checkOpen();
        hooks.onRead(id);
        return read(id);
      },
      async save(id, version, record, ttl) {
        checkOpen();
        const text = JSON.stringify(record);
        const answer = textOf(await link.run(SAVE, shardOf(id), kind, id, version, text, ttl ?? ''));
        return answer === 'ok' || answer === 'conflict' ? answer : 'gone';
      },
      async remove(id) {
        checkOpen();
        return textOf(await link.run(REMOVE, shardOf(id), kind, id)) === '1';
      },
      async list(options) {
        checkOpen();
        const page: Versioned<Record>[] = [];
        let { after } = options;
        while (page.length < options.limit) {
          const limit = options.limit - page.length;
          const ids = await idsOf({ ...options, limit, ...(after === undefined ? {} : { after }) });
          // One that was removed in between is on no page.
          for (const one of await Promise.all(ids.map(read))) if (one !== undefined) page.push(one);
          after = ids.at(-1);
          if (ids.length < limit) break;
        }
        return page;
      },
    },
    async expired(limit) {
      const ids = await Promise.all(shardNumbers(world).map((shard) => link.run(EXPIRED, shard, kind, limit)));
      return ids.flatMap(textsOf);
    },
    has: async (id) => (await read(id)) !== undefined,
  };
}
