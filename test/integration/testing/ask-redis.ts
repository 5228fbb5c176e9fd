import { Redis } from 'ioredis';

/** Asks a Redis something on a connection of its own. */
export async function askRedis<T>(url: string, asked: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await asked(client);
  } finally {
    client.disconnect();
  }
}
