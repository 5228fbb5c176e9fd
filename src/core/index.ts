/**
 * core: the words of the project as types. Units, errors, ports; no I/O, no clock, no environment.
 * Everything else imports this room and it imports nothing.
 */
export * from './units.ts';
export * from './bounded-queue.ts';
export * from './decode-defaults.ts';
export * from './errors.ts';
export * from './heeding.ts';
export * from './languages.ts';
export * from './speech.ts';
export * from './transcript.ts';
export type * from './clock.ts';
export type * from './ports/engine.ts';
export type * from './ports/vad.ts';
