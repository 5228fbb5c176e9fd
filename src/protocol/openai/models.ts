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

/** Whether a name is one of OpenAI's, dated or not. */
export const isOpenAiModel = (name: string): boolean =>
  OPENAI_MODELS.includes(name.replace(/-\d{4}-\d{2}-\d{2}$/, '').toLowerCase());
