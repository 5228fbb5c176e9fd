import { millis } from '../../../../core/index.ts';
import type { LiveFacts } from '../../dialect.ts';

/** What a session that was just made tells. */
export const madeFacts = (changed: Partial<LiveFacts> = {}): LiveFacts => ({
  session: 'live_0001',
  resumeToken: 'resume-me',
  viewToken: 'watch-me',
  model: 'tiny.en',
  audio: { encoding: 'pcm_s16le', sampleRate: 16_000, channels: 1 },
  turns: { mode: 'vad', silence: millis(500), threshold: 0.5, prefix: millis(300), longest: millis(28_000) },
  language: 'en',
  prompt: undefined,
  keywords: [],
  words: true,
  continues: undefined,
  expiresAt: millis(1_700_000_000_000),
  limits: {
    frameBytes: 65_536,
    ahead: millis(10_000),
    replay: millis(60_000),
    idle: millis(60_000),
    resume: millis(60_000),
    longest: millis(7_200_000),
  },
  ...changed,
});
