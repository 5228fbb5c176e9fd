/** What `POST /v1/jobs` takes: a form with the file, or JSON that says where the file is. */
import { z } from 'zod';
import { languageCode } from '../../core/index.ts';
import { asBoolean, asNumber, asObject, listValues, objectValue, oneValue, type FormFields } from '../form-fields.ts';
import { quoted, refusal, refusalOf } from '../refusal.ts';

const MAX_TEXT_CHARACTERS = 8192;
const MAX_NAME_CHARACTERS = 200;
const MAX_URL_CHARACTERS = 2048;
const MAX_KEYWORDS = 200;
const MAX_METADATA = 16;
const MAX_METADATA_CHARACTERS = 512;

const url = z
  .string()
  .max(MAX_URL_CHARACTERS)
  .refine(isHttp, { error: 'it is no http or https address' })
  .meta({ format: 'uri' });

export const JobOptions = z.strictObject({
  model: z.string().min(1).max(MAX_NAME_CHARACTERS).optional().describe('The server’s default without it.'),
  task: z.enum(['transcribe', 'translate']).default('transcribe'),
  language: z
    .string()
    .max(MAX_NAME_CHARACTERS)
    .refine((word) => word === 'auto' || languageCode(word) !== undefined, {
      error: ({ input }) => `${quoted(String(input))} is no language that Whisper knows; give a code such as en`,
    })
    .default('auto'),
  prompt: z.string().max(MAX_TEXT_CHARACTERS).optional(),
  keywords: z.array(z.string().max(MAX_NAME_CHARACTERS)).max(MAX_KEYWORDS).default([]),
  temperature: z.number().min(0).max(1).default(0),
  words: z.boolean().default(true).describe('Whether to find the time of every word.'),
  channels: z.enum(['mix', 'split']).default('mix').describe('One transcript of all channels, or one a channel.'),
  metadata: z
    .record(z.string().max(MAX_NAME_CHARACTERS), z.string().max(MAX_METADATA_CHARACTERS))
    .refine((record) => Object.keys(record).length <= MAX_METADATA, {
      error: `more than ${String(MAX_METADATA)} entries`,
    })
    .default({})
    .describe('Your own words, given back as they are.'),
  webhook: z.strictObject({ url }).optional().describe('Told of the end, signed as Standard Webhooks has it.'),
});

export const CreateJob = JobOptions.extend({ input: z.strictObject({ url }) });

/** The text parts of the form; the file is the part `file`. */
export type JobAsk = z.infer<typeof JobOptions>;

/** @throws ScriptoriumError `request-invalid` that names the field. */
export function parseJobForm(fields: FormFields): JobAsk {
  const webhook = objectValue(fields, 'webhook') ?? asObject(oneValue(fields, 'webhook'));
  const keywords = listValues(fields, 'keywords');
  return checked(JobOptions, {
    model: oneValue(fields, 'model')?.trim(),
    task: oneValue(fields, 'task')?.trim(),
    language: oneValue(fields, 'language'),
    prompt: oneValue(fields, 'prompt'),
    keywords: keywords.length === 0 ? undefined : keywords,
    temperature: asNumber(oneValue(fields, 'temperature')),
    words: asBoolean(oneValue(fields, 'words')),
    channels: oneValue(fields, 'channels')?.trim(),
    metadata: objectValue(fields, 'metadata') ?? asObject(oneValue(fields, 'metadata')),
    webhook: typeof webhook === 'string' ? { url: webhook } : webhook,
  });
}

/** As `parseJobForm`, of a JSON text that says where the file is. */
export function parseJobJson(text: string): { readonly url: string; readonly ask: JobAsk } {
  let sent: unknown;
  try {
    sent = JSON.parse(text);
  } catch {
    throw refusal('body', 'invalid_value', 'The body is not JSON.');
  }
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    throw refusal('body', 'invalid_value', 'The body is not a JSON object.');
  }
  const { input, ...ask } = checked(CreateJob, { ...sent });
  return { url: input.url, ask };
}

function checked<T>(schema: z.ZodType<T>, sent: Readonly<Record<string, unknown>>): T {
  const parsed = schema.safeParse(sent);
  if (!parsed.success) throw refusalOf(parsed.error, sent);
  return parsed.data;
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
