/** What both entries export. */
export type { Client, ClientOptions } from './create-client.ts';
export { ClientError, type ClientErrorCode } from './errors.ts';
export type * from './jobs/job.ts';
export type * from './jobs/jobs-api.ts';
export type { AudioChunk } from './live/audio-bytes.ts';
export type * from './live/events.ts';
export type { LinkTimes } from './live/link.ts';
export type { LiveChange, LiveOptions } from './live/options.ts';
export type { LiveSession } from './live/session.ts';
export type { WatchedId, WatchedSession } from './live/watch.ts';
export type * from './live/wire.ts';
export type { Timers, WebSocketClass, WebSocketLike } from './platform.ts';
