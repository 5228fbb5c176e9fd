/**
 * audio: bytes → samples → segments of speech. Decodes recordings by magic number to 16 kHz, asks the VAD where somebody
 * speaks, and cuts what was said into segments at pauses. Streaming throughout: it holds a segment and a few blocks.
 */
export { decodeTo16k, type Audio16k } from './decode/decode-to-16k.ts';
export type { AudioWarning, DecodeLimits } from './decode/audio-stream.ts';
export { nodeFfmpeg, type FfmpegRunner } from './decode/ffmpeg/runner.ts';
export { loadSileroVad } from './vad/silero-vad.ts';
export { findSegments } from './find-segments.ts';
export { splitChannels } from './split-channels.ts';
export { openLiveDecoder } from './live/open-live-decoder.ts';
export type { LiveDecoder } from './live/live-decoder.ts';
export { openLiveEar, type LiveEar } from './live/live-ear.ts';
export type { SpeechChange, SpokenBefore, SpokenUtterance } from './live/utterances.ts';
