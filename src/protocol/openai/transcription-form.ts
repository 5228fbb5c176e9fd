/** The form of `POST /v1/audio/transcriptions` and `/v1/audio/translations`, as OpenAI's specification of 2026-08 has it. */
import { z } from 'zod';
import { LANGUAGES, languageCode } from '../../core/index.ts';
import { quoted, refusal, refusalOf } from '../refusal.ts';
import { asBoolean, asNumber, asObject, listValues, objectValue, oneValue, type FormFields } from '../form-fields.ts';

/** Longer prompts are cut by the model anyway, at 224 tokens. */
const MAX_PROMPT_CHARACTERS = 8192;
const MAX_KEYWORDS = 200;
const MAX_NAME_CHARACTERS = 200;

export const RESPONSE_FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;
export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];

const language = z
  .string()
  .max(MAX_NAME_CHARACTERS)
  .refine((word) => word === 'auto' || languageCode(word) !== undefined, {
    error: ({ input }) => `${quoted(String(input))} is no language that Whisper knows; give a code such as en`,
  });

const Common = z.object({
  model: z
    .string()
    .min(1)
    .max(MAX_NAME_CHARACTERS)
    .describe('A name of GET /v1/models; OpenAI’s names stand for the default.'),
  prompt: z.string().max(MAX_PROMPT_CHARACTERS).optional().describe('Text that the model believes came before.'),
  response_format: z.enum(RESPONSE_FORMATS).default('json'),
  temperature: z.number().min(0).max(1).default(0).describe('0 rises by itself where a text fails its checks.'),
});

const ServerVad = z.object({
  type: z.literal('server_vad'),
  threshold: z.number().min(0).max(1).optional(),
  prefix_padding_ms: z.number().min(0).optional(),
  silence_duration_ms: z.number().min(0).optional(),
});

/** The text parts of a transcription's form, lists and objects put together. Fields that are not named here are ignored. */
export const TranscriptionFields = Common.extend({
  language: language.optional().describe('ISO 639-1 code or English name; without it each segment’s is detected.'),
  languages: z
    .array(language)
    .max(LANGUAGES.length)
    .optional()
    .describe('One counts as `language`; more are left to detection.'),
  keywords: z.array(z.string().max(MAX_NAME_CHARACTERS)).max(MAX_KEYWORDS).optional().describe('Words to favour.'),
  timestamp_granularities: z
    .array(z.enum(['word', 'segment']))
    .optional()
    .describe('Of verbose_json; `word` alone leaves the segments out.'),
  stream: z.boolean().default(false).describe('Server-sent events while it is transcribed.'),
  chunking_strategy: z
    .union([z.literal('auto'), ServerVad])
    .optional()
    .describe('Speech is always found by VAD.'),
});

export const TranslationFields = Common;

/** What is asked of a transcription over OpenAI's API. */
export interface OpenAiAsk {
  readonly task: 'transcribe' | 'translate';
  readonly model: string;
  /** ISO 639-1 code, or `auto`. */
  readonly language: string;
  readonly prompt?: string;
  readonly keywords: readonly string[];
  readonly format: ResponseFormat;
  readonly temperature: number;
  /** What `verbose_json` holds. */
  readonly words: boolean;
  readonly segments: boolean;
  readonly stream: boolean;
}

/**
 * What the text parts of a form ask for.
 *
 * @throws ScriptoriumError `request-invalid` whose details name the `field` and the `rule`.
 */
export function parseTranscriptionForm(fields: FormFields): OpenAiAsk {
  refuseWhatIsMissing(fields);
  const sent = {
    ...commonValues(fields),
    language: oneValue(fields, 'language'),
    languages: present(listValues(fields, 'languages')),
    keywords: present(listValues(fields, 'keywords')),
    timestamp_granularities: present(listValues(fields, 'timestamp_granularities')),
    stream: asBoolean(oneValue(fields, 'stream')),
    chunking_strategy: chunkingStrategy(fields),
  };
  const parsed = TranscriptionFields.safeParse(sent);
  if (!parsed.success) throw refusalOf(parsed.error, sent);
  const { data } = parsed;
  const spoken = data.language ?? (data.languages?.length === 1 ? data.languages[0] : undefined);
  const verbose = data.response_format === 'verbose_json';
  const granularities = data.timestamp_granularities ?? ['segment'];
  return {
    task: 'transcribe',
    ...commonAsk(data),
    language: spoken === undefined ? 'auto' : (languageCode(spoken) ?? 'auto'),
    keywords: data.keywords ?? [],
    words: verbose && granularities.includes('word'),
    segments: verbose && granularities.includes('segment'),
    stream: data.stream,
  };
}

/** As `parseTranscriptionForm`, of a translation into English. */
export function parseTranslationForm(fields: FormFields): OpenAiAsk {
  const sent = commonValues(fields);
  const parsed = TranslationFields.safeParse(sent);
  if (!parsed.success) throw refusalOf(parsed.error, sent);
  const segments = parsed.data.response_format === 'verbose_json';
  return {
    task: 'translate',
    ...commonAsk(parsed.data),
    language: 'auto',
    keywords: [],
    words: false,
    segments,
    stream: false,
  };
}

const commonValues = (fields: FormFields): Record<string, unknown> => ({
  model: oneValue(fields, 'model')?.trim(),
  prompt: oneValue(fields, 'prompt'),
  response_format: oneValue(fields, 'response_format')?.trim(),
  temperature: asNumber(oneValue(fields, 'temperature')),
});

const commonAsk = (data: z.infer<typeof Common>): Pick<OpenAiAsk, 'model' | 'prompt' | 'format' | 'temperature'> => ({
  model: data.model,
  ...(data.prompt === undefined ? {} : { prompt: data.prompt }),
  format: data.response_format,
  temperature: data.temperature,
});

const present = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

/** `auto`, one JSON text, or parts `chunking_strategy[type]`, `chunking_strategy[threshold]`, … */
function chunkingStrategy(fields: FormFields): unknown {
  const parts = objectValue(fields, 'chunking_strategy');
  if (parts === undefined) return asObject(oneValue(fields, 'chunking_strategy'));
  return Object.fromEntries(
    Object.entries(parts).map(([key, value]) => [key, key === 'type' ? value : asNumber(value)]),
  );
}

/** Said plainly rather than answered without what was asked for. */
function refuseWhatIsMissing(fields: FormFields): void {
  const refuse = (field: string, what: string): never => {
    throw refusal(field, 'unsupported_value', `${field}: ${what}; leave it out.`);
  };
  if (oneValue(fields, 'response_format') === 'diarized_json') {
    refuse('response_format', "'diarized_json' needs speaker labels, which this server cannot give yet");
  }
  if (listValues(fields, 'include').length > 0) refuse('include', 'token probabilities are not given by this server');
  for (const name of ['known_speaker_names', 'known_speaker_references']) {
    if (listValues(fields, name).length > 0) refuse(name, 'speakers are not told apart by this server yet');
  }
}
