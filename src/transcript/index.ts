/**
 * transcript: what an engine heard becomes what people read. Segments are cut into sentences and stitched into a
 * transcript; a transcript is searched for keywords and written as text, subtitles or JSON.
 * Pure functions of their arguments: no file, clock or engine.
 */
export { segmentsOf } from './segments-of.ts';
export { stitch } from './stitch.ts';
export * from './formats/formats.ts';
export { openAiVerbose } from './formats/openai-json.ts';
export { finalOf, settle } from './settle.ts';
export type { SpelledWords } from './splice.ts';
export { openWindow, withKept, type OpenWindow } from './open-window.ts';
export { cleanText } from './clean-text.ts';
export { gapBetween } from './spacing.ts';
export { nativeDocument, nativeSegment, type NativeDocument, type NativeSegment } from './formats/native-json.ts';
