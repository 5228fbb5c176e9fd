/** What OpenAI's audio endpoints answer. */
import { z } from 'zod';

const seconds = z.number().min(0);

export const Usage = z.object({
  type: z.literal('duration'),
  seconds: z.int().min(0).describe('Length of the recording, rounded up.'),
});

export const JsonAnswer = z.object({ text: z.string(), usage: Usage });

const VerboseSegment = z.object({
  id: z.int().min(0),
  seek: z.int().min(0),
  start: seconds,
  end: seconds,
  text: z.string(),
  tokens: z.array(z.int().min(0)),
  temperature: z.number(),
  avg_logprob: z.number(),
  compression_ratio: z.number(),
  no_speech_prob: z.number(),
});

export const VerboseAnswer = z.object({
  task: z.enum(['transcribe', 'translate']),
  language: z.string().describe('English name in lower case.'),
  duration: seconds,
  text: z.string(),
  segments: z.array(VerboseSegment).optional(),
  words: z.array(z.object({ word: z.string(), start: seconds, end: seconds })).optional(),
  usage: Usage,
});

/** Events of `stream=true`; texts of all deltas together are the text of the last event. */
export const StreamEvent = z.union([
  z.object({ type: z.literal('transcript.text.delta'), delta: z.string() }),
  z.object({ type: z.literal('transcript.text.done'), text: z.string(), usage: Usage }),
]);
export type StreamEvent = z.infer<typeof StreamEvent>;

/** @param duration of the recording, in milliseconds. */
export const usageOf = (duration: number): z.infer<typeof Usage> => ({
  type: 'duration',
  seconds: Math.ceil(Math.max(0, Math.round(duration)) / 1000),
});
