import type { Redis } from 'ioredis';
import type { Client } from './connect.ts';
import { redisError } from './redis-error.ts';

/**
 * Finds out at the start what would fail with each job: a user of Redis 7 has no channels unless they are given. What passes by itself
 * is left to `news`. @throws ScriptoriumError `broker-refused`.
 */
export async function tryChannels(
  listener: Client,
  nodes: readonly Redis[],
  { prefix, label }: { readonly prefix: string; readonly label: string },
): Promise<void> {
  const channel = `${prefix}try`;
  try {
    await listener.subscribe(channel);
    await listener.unsubscribe(channel);
    for (const node of nodes) await node.publish(channel, '');
  } catch (error) {
    const failure = redisError(error, label);
    if (failure.code === 'broker-refused') throw failure;
  }
}
