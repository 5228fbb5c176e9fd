import { z } from 'zod';
import { languageCode } from '../core/index.ts';
import {
  MAX_BEAM_SIZE,
  MAX_GIB,
  MAX_HOST_CHARACTERS,
  MAX_IDLE_MINUTES,
  MAX_KEYS,
  MAX_KEY_CHARACTERS,
  MAX_ORIGINS,
  MAX_PREFIX_CHARACTERS,
  MAX_PORT,
  MAX_LIVE,
  MAX_QUEUED,
  MAX_QUOTA,
  MAX_RESUME_SECONDS,
  MAX_RETENTION_HOURS,
  MAX_SPEED,
  MAX_UPLOAD_MIB,
  MAX_URL_CHARACTERS,
  MAX_WEBHOOK_SECRETS,
  MAX_WORKERS,
  MAX_WORKER_SLOTS,
  MAX_JOBS,
  MAX_KEYWORDS,
  MAX_LINE_COUNT,
  MAX_LINE_WIDTH,
  MAX_PROMPT_CHARACTERS,
  MAX_RECORDING_HOURS,
  MAX_THREADS,
  MAX_TIMEOUT_SECONDS,
  MIN_LINE_WIDTH,
} from './bounds.ts';
import type { OptionName } from './options.ts';
import { originOf } from './origin.ts';

const FORMATS = ['txt', 'srt', 'vtt', 'json', 'native', 'tsv', 'lrc', 'md'] as const;
const MAX_SEED = 2 ** 32 - 1;

/** Flags and variables are text, files have numbers: both are understood. */
const asNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value) ? Number(value) : value;
const asFlag = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  const word = value.trim().toLowerCase();
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  return ['false', '0', 'no', 'off'].includes(word) ? false : value;
};
const asList = (value: unknown): unknown => {
  const parts: unknown[] = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  if (typeof value !== 'string' && !Array.isArray(value)) return value;
  return parts
    .flatMap((part) => (typeof part === 'string' ? part.split(',') : [part]))
    .map((part) => (typeof part === 'string' ? part.trim() : part))
    .filter((part) => part !== '');
};

const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${String(min)} to ${String(max)}`;
  return z.preprocess(asNumber, z.number(error).int(error).min(min, error).max(max, error));
};
const number = (min: number, max: number) => {
  const error = `must be a number from ${String(min)} to ${String(max)}`;
  return z.preprocess(asNumber, z.number(error).min(min, error).max(max, error));
};
const flag = () => z.preprocess(asFlag, z.boolean('must be true or false'));
const text = (most: number) =>
  z
    .string('must be text')
    .min(1, 'must not be empty')
    .max(most, `must not be longer than ${String(most)} characters`);
const path = () =>
  z
    .string('must be a path')
    .min(1, 'must not be empty')
    .refine((value) => !value.includes('\0'), 'must be a path');
const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, `must be one of ${words.join(', ')}`);

const words = (most: number, characters: number) =>
  z.preprocess(
    asList,
    z
      .array(text(characters), 'must be a list of words')
      .max(most, `must not be more than ${String(most)} words`)
      .readonly(),
  );

/** A word or a number; every bound has the message, which a union would else take from the one part that nearly fits. */
const wordOr = <const Word extends string>(word: Word, bounds: (error: string) => z.ZodNumber, range: string) => {
  const error = `must be ${word} or ${range}`;
  const read = (value: unknown): unknown =>
    typeof value === 'string' && value.toLowerCase() === word ? word : asNumber(value);
  return z.preprocess(read, z.union([z.literal(word, error), bounds(error)], error));
};
const autoOr = (min: number, max: number) =>
  wordOr(
    'auto',
    (error) => z.number(error).int(error).min(min, error).max(max, error),
    `a whole number from ${String(min)} to ${String(max)}`,
  );

/** GiB. */
const memory = () =>
  wordOr(
    'auto',
    (error) => z.number(error).min(0.1, error).max(MAX_GIB, error),
    `a number from 0.1 to ${String(MAX_GIB)}`,
  );

const formats = z.preprocess(
  (value) => {
    const list = asList(value);
    return Array.isArray(list) ? [...new Set<unknown>(list.includes('all') ? FORMATS : list)] : list;
  },
  z
    .array(oneOf(...FORMATS), 'must be a list of formats')
    .min(1, 'must name a format')
    .readonly(),
);

const language = z
  .string('must be a language')
  .transform((word) => (word.trim().toLowerCase() === 'auto' ? 'auto' : languageCode(word)))
  .pipe(z.string('must be auto, or a language by code or English name (en, german)'));

const ORIGINS = 'must be *, or origins of web pages such as https://app.example';
const origin = z
  .string(ORIGINS)
  .max(MAX_URL_CHARACTERS, `must not be longer than ${String(MAX_URL_CHARACTERS)} characters`)
  .transform(originOf)
  .pipe(z.string(ORIGINS));

/** Every setting; the names are those of the option table, held equal by a test. */
export const CONFIG_SCHEMA = z.object({
  formats,
  outputDir: path().optional(),
  output: path().optional(),
  beside: flag(),
  overwrite: flag(),
  words: flag(),
  json: flag(),
  language,
  task: oneOf('transcribe', 'translate'),
  prompt: text(MAX_PROMPT_CHARACTERS).optional(),
  keywords: words(MAX_KEYWORDS, 200),
  channels: oneOf('mix', 'split'),
  timestamps: flag(),
  maxLineWidth: autoOr(MIN_LINE_WIDTH, MAX_LINE_WIDTH),
  maxLineCount: whole(1, MAX_LINE_COUNT),
  beamSize: whole(1, MAX_BEAM_SIZE),
  temperature: number(0, 1),
  temperatureIncrement: wordOr(
    'none',
    (error) => z.number(error).min(0.01, error).max(1, error),
    'a number from 0.01 to 1',
  ),
  lengthPenalty: number(0, 10),
  compressionRatioThreshold: number(0, 1000),
  logprobThreshold: number(-1000, 0),
  noSpeechThreshold: number(0, 1),
  previousText: flag(),
  suppressSymbols: flag(),
  seed: whole(0, MAX_SEED),
  threads: autoOr(1, MAX_THREADS),
  jobs: whole(1, MAX_JOBS),
  precision: oneOf('int8', 'f32'),
  progress: oneOf('auto', 'bar', 'lines', 'json', 'none'),
  quiet: flag(),
  verbose: flag(),
  model: path(),
  modelsDir: path(),
  mirror: path().optional(),
  cacheDir: path(),
  ffmpeg: path(),
  maxHours: number(0.01, MAX_RECORDING_HOURS),
  engineTimeout: number(1, MAX_TIMEOUT_SECONDS),
  microphone: flag(),
  raw: flag(),
  speed: number(0, MAX_SPEED),
  plain: flag(),
  host: text(MAX_HOST_CHARACTERS),
  port: whole(0, MAX_PORT),
  dataDir: path(),
  broker: z
    .string('must be text')
    .regex(
      /^(local|rediss?(\+sentinel)?:\/\/.+|redis\+unix:\/\/.+)$/u,
      'must be local, or a URL with redis, rediss, redis+sentinel, rediss+sentinel or redis+unix',
    )
    .max(MAX_URL_CHARACTERS, `must not be longer than ${MAX_URL_CHARACTERS} characters`),
  brokerAudio: z
    .string('must be text')
    .regex(
      /^(rediss?(\+sentinel)?|redis\+unix):\/\/.+$/u,
      'must be a URL with redis, rediss, redis+sentinel, rediss+sentinel or redis+unix',
    )
    .optional(),
  brokerPrefix: text(MAX_PREFIX_CHARACTERS).optional(),
  brokerCa: path().optional(),
  brokerCert: path().optional(),
  brokerKey: path().optional(),
  blobsDir: path().optional(),
  blobs: z
    .string('must be text')
    .regex(/^s3:\/\/.+$/u, 'must be a URL with s3')
    .max(MAX_URL_CHARACTERS, `must not be longer than ${MAX_URL_CHARACTERS} characters`)
    .optional(),
  tlsCert: path().optional(),
  tlsKey: path().optional(),
  cors: z.preprocess(
    asList,
    z
      .array(origin, ORIGINS)
      .max(MAX_ORIGINS, `must not be more than ${String(MAX_ORIGINS)} origins`)
      .readonly(),
  ),
  drain: number(0, MAX_TIMEOUT_SECONDS),
  min: whole(0, MAX_WORKERS),
  max: autoOr(1, MAX_WORKERS),
  workerSlots: whole(1, MAX_WORKER_SLOTS),
  calm: number(0, MAX_TIMEOUT_SECONDS),
  unloadAfter: number(0.01, MAX_IDLE_MINUTES),
  modelMemory: memory(),
  engineMemory: memory(),
  engine: oneOf('whisper', 'scripted'),
  apiKeys: words(MAX_KEYS, MAX_KEY_CHARACTERS),
  apiKeysFile: path().optional(),
  allowOpen: flag(),
  allowPrivateUrls: flag(),
  webhookSecrets: words(MAX_WEBHOOK_SECRETS, MAX_KEY_CHARACTERS),
  maxUpload: number(0.001, MAX_UPLOAD_MIB),
  maxQueued: whole(1, MAX_QUEUED),
  maxLive: whole(1, MAX_LIVE),
  liveResume: whole(1, MAX_RESUME_SECONDS),
  maxRequests: whole(1, MAX_QUOTA).optional(),
  maxAudio: whole(1, MAX_QUOTA).optional(),
  maxJobs: whole(1, MAX_QUOTA).optional(),
  retention: number(0.001, MAX_RETENTION_HOURS),
  server: z.url({ protocol: /^https?$/, error: 'must be a URL with http or https' }),
  apiKey: text(MAX_KEY_CHARACTERS).optional(),
}) satisfies z.ZodType<Readonly<Partial<Record<OptionName, unknown>>>>;

/** Every setting, checked and complete. */
export type Config = Readonly<z.infer<typeof CONFIG_SCHEMA>>;
