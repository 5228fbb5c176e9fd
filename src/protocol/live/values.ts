/** What both sides of `stt.live.v1` say of audio and turns. */
import { z } from 'zod';
import { languageCode } from '../../core/index.ts';
import { quoted } from '../refusal.ts';

const MAX_NAME_CHARACTERS = 200;
/** As the files' API has them: the model cuts prompts anyway, at 224 tokens. */
const MAX_PROMPT_CHARACTERS = 8192;
const MAX_KEYWORDS = 200;
const MAX_METADATA = 16;
const MAX_METADATA_CHARACTERS = 512;
const MAX_TOKEN_CHARACTERS = 200;
const MAX_ID_CHARACTERS = 100;

export const name = z.string().min(1).max(MAX_NAME_CHARACTERS);
export const id = z.string().min(1).max(MAX_ID_CHARACTERS);
export const token = z.string().max(MAX_TOKEN_CHARACTERS);
export const count = z.int().min(0);

export const language = z
  .string()
  .max(MAX_NAME_CHARACTERS)
  .refine((word) => word === 'auto' || languageCode(word) !== undefined, {
    error: ({ input }) => `${quoted(String(input))} is no language that Whisper knows; give a code such as en`,
  })
  .nullable()
  .describe('Code or English name; null, and `auto`, leave it to the model.');

export const prompt = z.string().max(MAX_PROMPT_CHARACTERS).describe('Text that the model believes came before.');
export const keywords = z.array(name).max(MAX_KEYWORDS).describe('Words to favour.');

export const LIVE_ENCODINGS = [
  'pcm_s16le',
  'pcm_f32le',
  'mulaw',
  'alaw',
  'opus',
  'webm',
  'ogg',
  'flac',
  'wav',
] as const;

export const LiveAudio = z.strictObject({
  encoding: z.enum(LIVE_ENCODINGS).describe('`opus`: each message is a packet; the others are one stream of bytes.'),
  sample_rate: z
    .int()
    .min(8000)
    .max(192_000)
    .default(16_000)
    .describe('In Hz; what has a head of its own tells itself.'),
  channels: z.int().min(1).max(8).default(1).describe('They are mixed.'),
});

export const LiveTurnsAsk = z.strictObject({
  mode: z.enum(['vad', 'manual']).optional().describe('`vad`: a pause ends an utterance. `manual`: `finalize` does.'),
  silence_ms: z.int().min(100).max(5000).optional().describe('The pause that ends an utterance; 500.'),
  threshold: z.number().min(0.05).max(0.95).optional().describe('Speech begins at this probability; 0.5.'),
  prefix_ms: z.int().min(0).max(1000).optional().describe('Sound before the voice that belongs to it; 300.'),
  max_ms: z
    .int()
    .min(2000)
    .max(28_000)
    .optional()
    .describe('Speech is cut there, or in a pause shortly before; 28000.'),
});

export const metadata = z
  .record(z.string().max(MAX_NAME_CHARACTERS), z.string().max(MAX_METADATA_CHARACTERS))
  .refine((record) => Object.keys(record).length <= MAX_METADATA, {
    error: `more than ${String(MAX_METADATA)} entries`,
  })
  .describe('Your own words, given back as they are.');

/** A session that was lost, and how much of its stream this one does not send again. */
export const Continues = z.strictObject({
  session_id: id,
  bytes: count.describe('Of its stream, from the beginning, that are not sent again.'),
});
