/** `GET /v1/models`, and OpenAI's names for models that a client may have written into its code. */
import { z } from 'zod';

export const ModelAnswer = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int().min(0).describe('Unix time in seconds.'),
  owned_by: z.string(),
});

export const ModelList = z.object({ object: z.literal('list'), data: z.array(ModelAnswer) });

/** Stand for the server's own model, with all that it can do; dated versions do too. */
export const OPENAI_MODELS: readonly string[] = [
  'whisper-1',
  'gpt-transcribe',
  'gpt-4o-transcribe',
  'gpt-4o-mini-transcribe',
];

/** OpenAI's for Realtime transcription; they settle text while it is spoken, and leave the turns to the client. */
const STREAMING_MODEL = /^gpt-(realtime-whisper|live-transcribe)/;
/** OpenAI's for conversations, which its packages put into the address of every Realtime socket. */
const CONVERSATION_MODEL = /^gpt-(4o-|4o-mini-)?realtime/;
const DATED = /-\d{4}-\d{2}-\d{2}$/;

/** Whether OpenAI's model of this name takes no turn detection. */
export const isStreamingModel = (name: string): boolean => STREAMING_MODEL.test(name.toLowerCase());
/** Whether it is a name of OpenAI's for a model that tells a turn's text when the turn is over. */
export const isFileModel = (name: string): boolean => OPENAI_MODELS.includes(name.toLowerCase().replace(DATED, ''));

/** What Groq's clients ask for: models that exist, under names of their own. */
const GROQ_MODEL = /^(distil-)?whisper-(?=large-v\d)/;

/**
 * What else to look for when a server has no model of this name: names under which other makers serve the same model. The last
 * is `undefined`, for the server's own model, where a client may have the name from a maker's examples.
 */
export function standIns(name: string): readonly (string | undefined)[] {
  const plain = name.toLowerCase();
  if (isFileModel(plain) || isStreamingModel(plain) || CONVERSATION_MODEL.test(plain)) return [undefined];
  return GROQ_MODEL.test(plain) ? [plain.replace(/^whisper-/, ''), undefined] : [];
}
