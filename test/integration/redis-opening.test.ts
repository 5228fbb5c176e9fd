/** What opening the broker on Redis says when something is wrong with it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { openRedisBroker } from '../../src/brokers/index.ts';
import { ScriptoriumError, millis, samples } from '../../src/core/index.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { eventsOf, outcomeOf, recordOf } from '../contracts/made-sessions.ts';
import { HAS_REDIS, freePort, startRedis, type RedisServer } from '../testing/redis-server.ts';
import { askRedis } from './testing/ask-redis.ts';
import { openSite, tempFolder } from './testing/redis-site.ts';

/** Why it can't be opened, as `code: message`. */
async function refusal(url: string, others: Partial<Parameters<typeof openRedisBroker>[0]> = {}): Promise<string> {
  try {
    await openSite({ url, ...others }, others.blobs);
    return 'opened';
  } catch (error) {
    return error instanceof ScriptoriumError ? `${error.code}: ${error.message}` : String(error);
  }
}

const NO_RIGHT =
  /^broker-refused: Redis at 127\.0\.0\.1:\d+ lets this user not do all that is needed \(NOPERM [^\n]+\); give its ACL ~PREFIX\* and &PREFIX\*[^\n]+$/u;

async function redis(...settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(settings);
  onTestFinished(() => server.stop());
  return server;
}

test('refuses what is no address, with what one looks like', async () => {
  expect(await refusal('localhost:6379')).toBe(
    "broker-refused: the broker's address is none of Redis; write redis://user:password@host:6379/0, rediss:// with TLS, redis+sentinel://sentinel:26379/primary, or redis+unix:///path",
  );
});

test('says that nobody listens at an address, and how to go on', async () => {
  const port = await freePort();
  expect(await refusal(`redis://127.0.0.1:${port}`)).toBe(
    `broker-unreachable: Redis at 127.0.0.1:${port} can't be reached (connect ECONNREFUSED 127.0.0.1:${port}); start it, or correct the address`,
  );
  const socket = join(await tempFolder(), 'redis.sock');
  expect(await refusal(`redis+unix://${socket}`)).toBe(
    `broker-unreachable: Redis at ${socket} can't be reached (connect ENOENT ${socket}); start it, or correct the address`,
  );
});

test('refuses a prefix that keys cannot begin with', async () => {
  expect(await refusal('redis://localhost', { prefix: 'a{b}' })).toBe(
    'broker-refused: "a{b}" is no prefix of keys; use up to 64 letters, digits, and any of : . _ -',
  );
});

describe.skipIf(!HAS_REDIS)('on a real Redis', () => {
  test('opens on a socket of this machine, and in a database that is not the first', async () => {
    const socket = join(await tempFolder(), 'redis.sock');
    const { url } = await redis('--unixsocket', socket);
    const one = await openSite({ url: `redis+unix://${socket}` });
    expect(await one.sessions.read('unknown')).toBeUndefined();
    await openSite({ url: `${url}/3` });
    expect(await askRedis(`${url}/3`, (client) => client.dbsize())).toBeGreaterThan(0);
  });

  test('refuses a wrong password, none, and a user who may not do what it does; none of them is in the message', async () => {
    const { port } = await redis('--requirepass', 'correct-password');
    const at = (who: string): string => `redis://${who}127.0.0.1:${port}`;
    const change = 'correct user, password or database in the address';
    expect(await refusal(at(':wrong-password@'))).toBe(
      `broker-refused: Redis at 127.0.0.1:${port} lets this user not in (WRONGPASS invalid username-password pair or user is disabled.); ${change}`,
    );
    expect(await refusal(at(''))).toBe(
      `broker-refused: Redis at 127.0.0.1:${port} lets this user not in (NOAUTH Authentication required.); ${change}`,
    );
    await askRedis(at(':correct-password@'), (client) =>
      client.acl('SETUSER', 'reader', 'on', '>secret', '~*', '&*', '+@read', '+info'),
    );
    const answer = await refusal(at('reader:secret@'));
    expect(answer).toMatch(NO_RIGHT);
    expect(answer).not.toContain('secret');
    expect(await refusal(at(':correct-password@'))).toBe('opened');
  });

  test('refuses a user without rights on its keys, with what the ACL must have', async () => {
    const { url, port } = await redis();
    await askRedis(url, (client) => client.acl('SETUSER', 'stranger', 'on', '>secret', '~other:*', '&*', '+@all'));
    expect(await refusal(`redis://stranger:secret@127.0.0.1:${port}`)).toMatch(NO_RIGHT);
  });

  test.each([
    ['no channels, as new users have none', ['resetchannels', '+@all']],
    ['no right to listen', ['&*', '+@all', '-subscribe']],
    ['no right to tell', ['&*', '+@all', '-publish']],
  ])('refuses a user with %s, with what the ACL must have', async (_, rights) => {
    const { url, port } = await redis();
    await askRedis(url, (client) => client.acl('SETUSER', 'mute', 'on', '>secret', '~*', ...rights));
    expect(await refusal(`redis://mute:secret@127.0.0.1:${port}`)).toMatch(NO_RIGHT);
  });

  test('does all of its work for a user with the ACL that the documentation gives', async () => {
    const guide = await readFile(new URL('../../docs/cluster.md', import.meta.url), 'utf8');
    const [, rules = ''] = /`user scriptorium (on >PASSWORD [^`]+)`/u.exec(guide) ?? [];
    const { url, port } = await redis();
    await askRedis(url, (client) => client.acl('SETUSER', 'scriptorium', ...rules.split(' ')));
    const options = { url: `redis://scriptorium:PASSWORD@127.0.0.1:${port}`, bounds: { fresh: millis(0) } };
    const [one, other] = [await openSite(options), await openSite(options)];
    await one.sessions.create('session', 'tenant', recordOf('name'));
    await one.audio.append('session', 0, samples(0), Int16Array.of(1, 2));
    const following = one.events.follow('session', 0, AbortSignal.timeout(10_000))[Symbol.asyncIterator]();
    const heard = following.next();
    const claiming = other.jobs.claim({ worker: 'worker', wait: millis(10_000) });
    await one.jobs.put(jobOf('a', { session: 'session' }));
    const lease = await claiming;
    expect(await other.results.commit(lease ?? { id: '', token: 0 }, outcomeOf('done'))).toBe('committed');
    const [outcome] = await one.results.take({ consumer: 'aggregator', limit: 10, wait: millis(10_000) });
    expect(outcome).toMatchObject({ jobId: 'a', outcome: outcomeOf('done') });
    await one.results.done(outcome === undefined ? [] : [outcome.id]);
    await other.events.append('session', 0, eventsOf(1, 1));
    expect((await heard).value).toMatchObject({ seq: 1 });
    expect(await one.forget('session')).toBe(true);
    expect(await askRedis(url, (client) => client.acl('LOG'))).toEqual([]);
  });

  test('refuses a database that there is none of', async () => {
    const { url, port } = await redis('--databases', '2');
    expect(await refusal(`${url}/7`)).toBe(
      `broker-refused: Redis at 127.0.0.1:${port} lets this user not in (ERR DB index is out of range); correct user, password or database in the address`,
    );
  });

  test('refuses a Redis that throws keys away when its memory is full', async () => {
    const { url, port } = await redis('--maxmemory-policy', 'allkeys-lru');
    expect(await refusal(url)).toBe(
      `broker-refused: Redis at 127.0.0.1:${port} throws keys away (maxmemory-policy allkeys-lru); set it to noeviction`,
    );
  });

  test('refuses a replica', async () => {
    const primary = await redis();
    const { url, port } = await redis('--replicaof', `127.0.0.1 ${primary.port}`);
    expect(await refusal(url)).toBe(
      `broker-refused: Redis at 127.0.0.1:${port} is a replica, which takes no writes; name its primary`,
    );
  });

  test('refuses the keys of another version, and those that are spread over another number of parts', async () => {
    const { url, port } = await redis();
    await openSite({ url, prefix: 'one:' });
    expect(await refusal(url, { prefix: 'one:', bounds: { shards: 8 } })).toBe(
      `broker-refused: Redis at 127.0.0.1:${port} holds keys of another version under one: ("scriptorium keys 1, 16 shards"); start that version or use another prefix`,
    );
    await askRedis(url, (client) => client.set('two:{format}', 'scriptorium keys 99'));
    expect(await refusal(url, { prefix: 'two:' })).toBe(
      `broker-refused: Redis at 127.0.0.1:${port} holds keys of another version under two: ("scriptorium keys 99"); start that version or use another prefix`,
    );
  });

  test('warns of a Redis that writes nothing to its disk', async () => {
    const warned = async (...settings: readonly string[]): Promise<readonly string[]> => {
      const { url } = await redis(...settings);
      const warnings: string[] = [];
      await openSite({ url, warn: (message) => warnings.push(message) });
      return warnings;
    };
    expect(await warned('--appendonly', 'yes')).toEqual([]);
    expect(await warned('--appendonly', 'no')).toEqual([expect.stringContaining('appendonly no')]);
  });

  test('refuses a folder for blobs that is none', async () => {
    const { url } = await redis();
    const file = join(await tempFolder(), 'file');
    await writeFile(file, '');
    expect(await refusal(url, { blobs: file })).toMatch(
      /^storage-unwritable: can't write to .*file; change its owner/u,
    );
  });

  test('says that Redis has no memory left, and lets what was accepted end', async () => {
    const { url, port } = await redis('--maxmemory', '4mb');
    const broker = await openSite({ url, bounds: { patience: millis(500) } });
    const bytes = new Int16Array(400_000);
    const filled = async (): Promise<string> => {
      for (let session = 0; session < 20; session++) {
        const failure = await broker.audio.append(`s-${session}`, 0, samples(0), bytes).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failure instanceof ScriptoriumError) return `${failure.code}: ${failure.message}`;
      }
      return 'never full';
    };
    expect(await filled()).toBe(
      `broker-full: Redis at 127.0.0.1:${port} has no memory left; raise its maxmemory, or wait until work is done`,
    );
    expect(await broker.events.append('session', 0, [])).toEqual({ status: 'ok', last: 0 });
    await broker.audio.drop('s-0');
    await broker.audio.drop('s-1');
    expect(await broker.audio.append('again', 0, samples(0), bytes)).toEqual({ end: 400_000, duplicate: false });
  });
});
