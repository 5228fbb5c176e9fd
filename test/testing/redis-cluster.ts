/** A real Redis Cluster of a test's own: three primaries on free ports of this machine. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { HAS_REDIS, freePort, startRedis, type RedisServer } from './redis-server.ts';

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** Names all of them. */
  readonly url: string;
  stop(): Promise<void>;
}

const TOOL = 'redis-cli';
const PRIMARIES = 3;
const AGREE_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 20;

/** Whether this machine has Redis and the tool that makes a cluster of several. */
export const HAS_CLUSTER = HAS_REDIS && spawnSync(TOOL, ['--version']).status === 0;

/** Whether a node knows who has each slot. */
const isAgreed = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('CLUSTER INFO\r\n'));
    socket.once('data', (data) => {
      resolve(data.toString().includes('cluster_state:ok'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });

async function join(nodes: readonly RedisServer[]): Promise<void> {
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const tool = spawn(TOOL, ['--cluster', 'create', ...addresses, '--cluster-yes'], { stdio: 'ignore' });
  await once(tool, 'exit');
  if (tool.exitCode !== 0) throw new Error(`${TOOL} made no cluster: ${tool.exitCode ?? 'killed'}`);
  const begun = performance.now();
  for (const { port } of nodes) {
    while (!(await isAgreed(port))) {
      if (performance.now() - begun > AGREE_LIMIT_MS) throw new Error('the nodes do not agree');
      await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

export async function startCluster(): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let node = 0; node < PRIMARIES; node++) {
      // Their own port for each other: the usual one, 10,000 higher, may be none.
      const bus = String(await freePort());
      nodes.push(await startRedis(['--cluster-enabled', 'yes', '--cluster-port', bus]));
    }
    await join(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, url: `redis://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`, stop };
}
