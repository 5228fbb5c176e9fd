import { Cluster } from 'ioredis';
import type { Client } from './connect.ts';

export interface Listening {
  /** Resolves when no later news are missed; never rejects: news that can't be heard now are asked for when they can. */
  readonly ready: Promise<void>;
  readonly stop: () => void;
}

/** News by channel. They may be lost with a connection: then every listener hears the empty text, and looks for itself. */
export interface News {
  listen(channel: string, heard: (text: string) => void): Listening;
  close(): void;
}

/** @param client a connection for this alone, or the cluster's. */
export function newsOf(client: Client): News {
  const ears = new Map<string, Set<(text: string) => void>>();
  const isOpen = (): boolean => client.status === 'ready';
  const subscribe = async (channels: readonly string[]): Promise<void> => {
    if (channels.length > 0 && isOpen()) await client.subscribe(...channels).catch(() => {});
  };
  client.on('message', (channel: string, text: string) => {
    for (const heard of ears.get(channel) ?? []) heard(text);
  });
  const listenAgain = async (): Promise<void> => {
    await subscribe([...ears.keys()]);
    for (const listeners of ears.values()) for (const heard of listeners) heard('');
  };
  client.on('ready', () => void listenAgain());
  return {
    listen(channel, heard) {
      const listeners = ears.get(channel) ?? new Set();
      ears.set(channel, listeners.add(heard));
      // Always asked for: another's `subscribe` may not be answered yet.
      const ready = subscribe([channel]);
      return {
        ready,
        stop() {
          listeners.delete(heard);
          if (listeners.size > 0 || ears.get(channel) !== listeners) return;
          ears.delete(channel);
          if (isOpen()) void client.unsubscribe(channel).catch(() => {});
        },
      };
    },
    close() {
      ears.clear();
      if (!(client instanceof Cluster)) client.disconnect();
    },
  };
}

/** Listens from the first call on: who never asks is not told. Resolves as `ready` does. */
export function listenWhenAsked(news: News, channel: string, heard: (text: string) => void): () => Promise<void> {
  let listening: Listening | undefined;
  return async () => {
    listening ??= news.listen(channel, heard);
    await listening.ready;
  };
}
