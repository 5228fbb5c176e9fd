/** The session of OpenAI's Realtime transcription (specification of 2026-08), as clients ask for it and as it is answered. */
import { z } from 'zod';
import { LANGUAGES } from '../../core/index.ts';
import { keywords, language, name, prompt } from '../live/values.ts';

/** `audio/pcm` at 24 kHz is OpenAI's; the other rates are ours. */
export const PCM_RATES = [8000, 16_000, 24_000, 48_000] as const;

const Format = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('audio/pcm'),
    rate: z.literal(PCM_RATES).default(24_000).describe('Hz; 16 bits, little-endian, one channel.'),
  }),
  z.object({ type: z.literal(['audio/pcmu', 'audio/pcma']).describe('8 kHz.') }),
]);
export type RealtimeFormat = z.infer<typeof Format>;

const Transcription = z.object({
  model: name.optional().describe('A name of GET /v1/models, or one of OpenAI’s; answered as it was asked.'),
  language: z.union([z.literal(''), language]).optional(),
  languages: z.array(z.string()).max(LANGUAGES.length).nullable().optional(),
  keywords: keywords.nullable().optional(),
  prompt: prompt.nullable().optional(),
  delay: z.enum(['minimal', 'low', 'medium', 'high', 'xhigh']).nullable().optional().describe('Taken, and not heeded.'),
});
export type RealtimeTranscription = z.infer<typeof Transcription>;

const milliseconds = z.number().min(0).max(3_600_000);

const ServerVad = z.object({
  type: z.literal('server_vad'),
  threshold: z.number().min(0).max(1).nullable().optional(),
  prefix_padding_ms: milliseconds.nullable().optional(),
  silence_duration_ms: milliseconds.nullable().optional(),
});
const SemanticVad = z.object({
  type: z.literal('semantic_vad'),
  eagerness: z.enum(['low', 'medium', 'high', 'auto']).nullable().optional(),
});
const TurnDetection = z.discriminatedUnion('type', [ServerVad, SemanticVad]);
export type RealtimeTurnDetection = z.infer<typeof TurnDetection>;

const NoiseReduction = z.object({ type: z.enum(['near_field', 'far_field']) });
const Include = z.array(z.literal('item.input_audio_transcription.logprobs')).max(1);

/** What `session.update` and a client secret may ask for. What is not named here is passed over. */
export const RealtimeSessionAsk = z.object({
  type: z.literal('transcription').optional(),
  audio: z
    .object({
      input: z
        .object({
          format: Format.nullable().optional(),
          transcription: Transcription.nullable().optional(),
          noise_reduction: NoiseReduction.nullable().optional().describe('Taken, and not heeded.'),
          turn_detection: TurnDetection.nullable().optional().describe('null: the client commits.'),
        })
        .optional(),
    })
    .optional(),
  include: Include.nullable().optional().describe('Taken; this server gives no log probabilities.'),
});
export type RealtimeSessionAsk = z.infer<typeof RealtimeSessionAsk>;

/** What holds now. */
export const RealtimeSession = z.object({
  type: z.literal('transcription'),
  id: z.string(),
  object: z.literal('realtime.transcription_session'),
  expires_at: z.int(),
  include: Include.nullable(),
  audio: z.object({
    input: z.object({
      format: Format,
      transcription: Transcription.nullable(),
      noise_reduction: NoiseReduction.nullable(),
      turn_detection: TurnDetection.nullable(),
    }),
  }),
});
export type RealtimeSession = z.infer<typeof RealtimeSession>;
