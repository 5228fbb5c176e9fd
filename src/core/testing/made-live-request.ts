import { DEFAULT_DECODE_OPTIONS } from '../decode-defaults.ts';
import type { LiveRequest } from '../live/live-session.ts';
import { millis } from '../units.ts';

/** What a client asks of a live session, made up. */
export const MADE_LIVE_REQUEST: LiveRequest = {
  dialect: 'live',
  model: 'tiny.en',
  audio: { encoding: 'pcm_s16le', sampleRate: 16_000, channels: 1 },
  turns: { mode: 'vad', silence: millis(500), threshold: 0.5, prefix: millis(300), longest: millis(28_000) },
  options: DEFAULT_DECODE_OPTIONS,
  partials: true,
  metadata: {},
};
