/**
 * audio: bytes → samples → segments of speech. Decodes recordings by magic number to 16 kHz, asks the VAD where somebody
 * speaks, and cuts what was said into segments at pauses. Streaming throughout: it holds a segment and a few blocks.
 */
export { openAudio, type OpenAudioOptions } from './decode/open-audio.ts';
export { decodeTo16k, type Audio16k, type DecodeOptions16k } from './decode/decode-to-16k.ts';
export {
  DEFAULT_MAX_SECONDS,
  MAX_CHANNELS,
  type AudioBlock,
  type AudioStream,
  type AudioWarning,
  type DecodeLimits,
} from './decode/audio-stream.ts';
export { nodeFfmpeg, type FfmpegChild, type FfmpegRunner } from './decode/ffmpeg/runner.ts';
export { createResampler, type Resampler } from './resample/resampler.ts';
export { loadSileroVad } from './vad/silero-vad.ts';
export { FILE_ENDPOINT_RULES, findSpans, type EndpointRules, type FoundSpan, type SpanFinder } from './endpoint.ts';
export { DEFAULT_SEGMENT_RULES, createSegmenter, type SegmentRules, type Segmenter } from './segment.ts';
export { findSegments, type AudioLedger, type FindSegmentsOptions, type SegmentStream } from './find-segments.ts';
