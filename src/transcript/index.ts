/**
 * transcript: what an engine heard becomes what people read. Segments are cut into sentences and stitched into a
 * transcript; a transcript is searched for keywords and written as text, subtitles or JSON.
 * Pure functions of their arguments: no file, clock or engine.
 */
export { findKeywords, type KeywordHit } from './keywords.ts';
export { SENTENCES, splitSentences, type SentenceOptions } from './sentences.ts';
export { joinTexts } from './spacing.ts';
export { stitch, type StitchOptions } from './stitch.ts';
export * from './formats/formats.ts';
export { nativeDocument, nativeSegment, type NativeDocument, type NativeSegment } from './formats/native-json.ts';
export { openAiVerbose, type OpenAiVerbose } from './formats/openai-json.ts';
export { SUBTITLE_LIMITS, type Cue, type SubtitleLimits } from './subtitles/cue.ts';
export { readableCues, segmentCues } from './subtitles/subtitle-cues.ts';
