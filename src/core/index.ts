/**
 * core: the words of the project as types. Units, errors, ports; no I/O, no clock, no environment.
 * Everything else imports this room and it imports nothing.
 */
export * from './units.ts';
export * from './bounded-queue.ts';
export * from './decode-defaults.ts';
export * from './errors.ts';
export * from './scriptorium-error.ts';
export * from './fold-events.ts';
export * from './jobs.ts';
export * from './heeding.ts';
export * from './keep-lease.ts';
export * from './languages.ts';
export * from './make-folder.ts';
export * from './live/final-events.ts';
export * from './live/fold-live.ts';
export * from './live/live-session.ts';
export * from './live/stable-text.ts';
export * from './pause.ts';
export * from './pcm16.ts';
export * from './speech.ts';
export * from './transcript.ts';
export * from './transcriptions.ts';
export * from './unwritable.ts';
export * from './ports/job-queue.ts';
export type * from './clock.ts';
export type * from './live/live-event.ts';
export type * from './live/live-record.ts';
export type * from './live/secret-record.ts';
export type * from './ports/audio-store.ts';
export type * from './ports/blob-store.ts';
export type * from './ports/buckets.ts';
export type * from './ports/broker.ts';
export type * from './ports/engine.ts';
export type * from './ports/event-log.ts';
export type * from './ports/result-log.ts';
export type * from './ports/session-store.ts';
export type * from './ports/telemetry.ts';
export type * from './ports/vad.ts';
export type * from './transcription-record.ts';
