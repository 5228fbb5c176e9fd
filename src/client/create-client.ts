import { jobsApi, type JobsApi } from './jobs/jobs-api.ts';
import type { LinkTimes } from './live/link.ts';
import type { LiveOptions } from './live/options.ts';
import { openSession, type LiveSession } from './live/session.ts';
import { watchSession, type WatchedId, type WatchedSession } from './live/watch.ts';
import { platformOf, type OpenSocket, type PlatformOptions } from './platform.ts';

export interface ClientOptions extends PlatformOptions {
  /** Of the server, with http or https: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** What to show it, where it wants a key. */
  readonly key?: string;
}

/** Speaks to one server; opens nothing until it is asked to. */
export interface Client {
  /** Begins a live session: sound in, words out. */
  live(options?: LiveOptions): LiveSession;
  /** Follows a session that somebody else speaks in. */
  watch(session: WatchedId, times?: Partial<LinkTimes>): WatchedSession;
  /** Recordings that are transcribed in the background. */
  readonly jobs: JobsApi;
}

/** @throws TypeError when `url` is none. */
export function clientOf(options: ClientOptions, openSocket: OpenSocket): Client {
  const platform = platformOf(options, openSocket);
  const { key } = options;
  const base = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`);
  const live = new URL('v1/live', base);
  live.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  // Balancers that hash it bring a session back to its gateway, and those who follow one session to one gateway.
  const address = (route: string) => {
    live.searchParams.set('route', route);
    return { url: live.href, key };
  };
  const drawn = (): string => platform.random().toString(36).slice(2);
  return {
    live: (asked = {}) => openSession(address(drawn()), asked, platform),
    watch: (session, times = {}) => watchSession(address(session.id), session, times, platform),
    jobs: jobsApi({ base, key }, platform),
  };
}
