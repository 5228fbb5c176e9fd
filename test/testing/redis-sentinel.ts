/** A real primary, its replica, and a sentinel that makes the replica the primary when the other is gone. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, startRedis, type RedisServer } from './redis-server.ts';

export interface RedisSentinel extends AsyncDisposable {
  /** Names the sentinel. */
  readonly url: string;
  readonly primary: RedisServer;
  readonly replica: RedisServer;
}

const NAME = 'main';
/** The primary is down when it has not answered for so long. */
const DOWN_AFTER_MS = 500;
const START_LIMIT_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** @returns once the sentinel knows of the replica, and the replica has all. */
export async function startSentinel(): Promise<RedisSentinel> {
  const primary = await startRedis(['--appendonly', 'yes']);
  const replica = await startRedis(['--appendonly', 'yes', '--replicaof', `127.0.0.1 ${primary.port}`]);
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-sentinel-'));
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 1`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 3000`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  const asking = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50 });
  asking.on('error', () => {});
  const close = async (): Promise<void> => {
    asking.disconnect();
    child.kill('SIGKILL');
    await Promise.all([primary.stop(), replica.stop(), rm(folder, { recursive: true, force: true })]);
  };
  const begun = performance.now();
  const isReady = async (): Promise<boolean> => {
    const known = await asking.call('SENTINEL', 'REPLICAS', NAME);
    return Array.isArray(known) && known.length === 1 && JSON.stringify(known).includes('"master-link-status","ok"');
  };
  while (!(await isReady().catch(() => false))) {
    if (performance.now() - begun > START_LIMIT_MS) {
      await close();
      throw new Error('the sentinel does not know its replica');
    }
    await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
  }
  return { url: `redis+sentinel://127.0.0.1:${port}/${NAME}`, primary, replica, [Symbol.asyncDispose]: close };
}
