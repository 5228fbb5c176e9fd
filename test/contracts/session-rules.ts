import { expect } from 'vitest';
import { millis } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { recordOf } from './made-sessions.ts';

/** Records of transcriptions. */
export const sessionRules: readonly Rule[] = [
  {
    title: 'creates a record once: a second creator finds what the first wrote',
    async check({ broker }) {
      const { sessions } = broker();
      const [first, second] = await Promise.all([
        sessions.create('a', 'tenant', recordOf('first')),
        sessions.create('a', 'other', recordOf('second')),
      ]);
      expect(first).toEqual({ status: 'created' });
      expect(second).toEqual({ status: 'exists', id: 'a', version: 1, tenant: 'tenant', record: recordOf('first') });
      expect(await sessions.read('a')).toEqual({ id: 'a', version: 1, tenant: 'tenant', record: recordOf('first') });
      expect(await sessions.read('b')).toBeUndefined();
    },
    broken: {
      how: 'the last one wins',
      breaking: port('sessions', (sessions) => ({
        create: async (id, tenant, record) => {
          const answer = await sessions.create(id, tenant, record);
          if (answer.status === 'exists') await sessions.save(id, answer.version, record);
          return { status: 'created' };
        },
      })),
    },
  },
  {
    title: 'saves over the version that was read, and of two at once only one',
    async check({ broker }) {
      const { sessions } = broker();
      await sessions.create('a', 'tenant', recordOf('one'));
      const answers = await Promise.all([
        sessions.save('a', 1, recordOf('two')),
        sessions.save('a', 1, recordOf('also two')),
      ]);
      expect(answers).toEqual(['ok', 'conflict']);
      expect(await sessions.read('a')).toMatchObject({ version: 2, record: recordOf('two') });
      expect(await sessions.save('a', 1, recordOf('late'))).toBe('conflict');
      expect(await sessions.save('a', 2, recordOf('three'))).toBe('ok');
      expect(await sessions.read('a')).toMatchObject({ version: 3, tenant: 'tenant', record: recordOf('three') });
    },
    broken: {
      how: 'saves over anything',
      breaking: port('sessions', (sessions) => ({
        save: async (id, _version, record) => {
          const { version = 0 } = (await sessions.read(id)) ?? {};
          return sessions.save(id, version, record);
        },
      })),
    },
  },
  {
    title: 'says that a removed record is gone, and lets its id be used again',
    async check({ broker }) {
      const { sessions } = broker();
      await sessions.create('a', 'tenant', recordOf('one'));
      expect(await sessions.remove('a')).toBe(true);
      expect(await sessions.remove('a')).toBe(false);
      expect(await sessions.read('a')).toBeUndefined();
      expect(await sessions.save('a', 1, recordOf('two'))).toBe('gone');
      expect(await sessions.list({ order: 'asc', limit: 10 })).toEqual([]);
      expect(await sessions.create('a', 'tenant', recordOf('new'))).toEqual({ status: 'created' });
    },
    broken: {
      how: 'saves what was removed',
      breaking: port('sessions', (sessions) => ({
        save: async (id, version, record) => {
          const answer = await sessions.save(id, version, record);
          if (answer === 'gone') await sessions.create(id, 'tenant', record);
          return answer === 'gone' ? 'ok' : answer;
        },
      })),
    },
  },
  {
    title: 'forgets a record when its time to live is over, which a save may start anew',
    async check({ broker, pass }) {
      const { sessions } = broker();
      await sessions.create('short', 'tenant', recordOf('short'), millis(1000));
      await sessions.create('kept', 'tenant', recordOf('kept'), millis(1000));
      await sessions.create('ever', 'tenant', recordOf('ever'));
      await pass(999);
      expect(await sessions.save('short', 1, recordOf('short'))).toBe('ok');
      expect(await sessions.save('kept', 1, recordOf('kept'), millis(1000))).toBe('ok');
      await pass(1);
      expect(await sessions.read('short')).toBeUndefined();
      expect(await sessions.save('short', 2, recordOf('short'))).toBe('gone');
      const ids = async () => (await sessions.list({ order: 'asc', limit: 10 })).map(({ id }) => id);
      expect(await ids()).toEqual(['ever', 'kept']);
      await pass(999);
      expect(await ids()).toEqual(['ever']);
      expect(await sessions.create('short', 'tenant', recordOf('again'))).toEqual({ status: 'created' });
    },
    broken: {
      how: 'keeps everything',
      breaking: port('sessions', (sessions) => ({
        create: (id, tenant, record) => sessions.create(id, tenant, record),
        save: (id, version, record) => sessions.save(id, version, record),
      })),
    },
  },
  {
    title: 'lists the records of a tenant by id, forwards and backwards, each on exactly one page',
    async check({ broker }) {
      const { sessions } = broker();
      const ids = Array.from({ length: 25 }, (_, index) => `job_${String(index).padStart(3, '0')}`);
      for (const id of ids.toSorted((a, b) => Number(a.at(-1)) - Number(b.at(-1)))) {
        await sessions.create(id, Number(id.slice(4)) % 5 === 0 ? 'five/0' : 'five', recordOf(id));
      }
      const all = async (order: 'asc' | 'desc', tenant?: string): Promise<readonly string[]> => {
        const found: string[] = [];
        for (;;) {
          const after = found.at(-1);
          const cursor = after === undefined ? {} : { after };
          const page = await sessions.list({ order, limit: 4, ...cursor, ...(tenant === undefined ? {} : { tenant }) });
          if (page.length === 0) return found;
          found.push(...page.map(({ id }) => id));
          if (found.length === 8) await sessions.remove('job_001');
        }
      };
      expect(await all('asc', 'five/0')).toEqual(ids.filter((_, index) => index % 5 === 0));
      expect(await all('asc')).toEqual(ids);
      expect(await all('desc')).toEqual(ids.filter((id) => id !== 'job_001').toReversed());
      expect(await all('desc', 'nobody')).toEqual([]);
    },
    broken: {
      how: 'pages by counting',
      breaking: (broker) => {
        let skip = 0;
        return port('sessions', (sessions) => ({
          list: async ({ after, limit, ...options }) => {
            skip = after === undefined ? 0 : skip + limit;
            return (await sessions.list({ ...options, limit: 1000 })).slice(skip, skip + limit);
          },
        }))(broker);
      },
    },
  },
  {
    title: 'keeps records through a restart, and what happens to the object that was given changes nothing',
    async check({ broker, restart, pass }) {
      const metadata: Record<string, string> = { reference: 'before' };
      const record = { ...recordOf('a'), request: { ...recordOf('a').request, metadata } };
      const creating = broker().sessions.create('a', 'tenant', record, millis(5000));
      metadata['reference'] = 'after';
      await creating;
      await broker().sessions.save('a', 1, { ...record, doneMs: millis(7) });
      const { sessions } = await restart();
      const found = await sessions.read('a');
      expect(found).toMatchObject({ version: 2, tenant: 'tenant', record: { doneMs: 7 } });
      await pass(5000);
      expect(await sessions.read('a')).toBeUndefined();
      await sessions.create('b', 'tenant', record);
      metadata['reference'] = 'later';
      expect((await sessions.read('b'))?.record.request.metadata).toEqual({ reference: 'after' });
    },
    broken: {
      how: 'writes later',
      breaking: port('sessions', (sessions) => ({
        create: async (id, tenant, record, ttl) => {
          await Promise.resolve();
          void sessions.create(id, tenant, record);
          return ttl === undefined ? { status: 'created' } : sessions.create(id, tenant, record, ttl);
        },
      })),
    },
  },
];
