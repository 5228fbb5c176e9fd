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
  const address = { url: live.href, key };
  return {
    live: (asked = {}) => openSession(address, asked, platform),
    watch: (session, times = {}) => watchSession(address, session, times, platform),
    jobs: jobsApi({ base, key }, platform),
  };
}
