/**
 * app: composes the product. The only room that names adapters: settings go in, an `App` of wired parts comes out.
 * `transcribe-recording` is the path of a file from bytes to transcripts; the rest looks after models and machine.
 */
export type * from './app.ts';
export { createApp } from './create-app.ts';
export { DEFAULT_REQUEST } from './default-request.ts';
export type { AppSettings } from './settings.ts';
export { settingsOf } from './settings.ts';
export { FORMAT_NAMES, FORMATS, nativeDocument, nativeSegment, writeTranscript } from '../transcript/index.ts';
export type { FormatName, FormatOptions, NativeDocument, NativeSegment } from '../transcript/index.ts';
export type { Transcript } from '../core/index.ts';
