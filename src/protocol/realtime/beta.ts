/** The names that Realtime transcription had in its beta, which older clients speak still, as those that it has now. */
import { z } from 'zod';
import type { RealtimeTold } from './server-events.ts';
import { RealtimeSessionAsk, type RealtimeSession } from './session.ts';

const BETA_PROTOCOL = 'openai-beta.realtime-v1';
const BETA_NAME = 'realtime=v1';
/** A client that sends this event speaks the beta's names and hears them. */
export const BETA_UPDATE = 'transcription_session.update';

/** So does one whose request asks for them: by a sub-protocol, or by what its header `OpenAI-Beta` names. */
export const asksBeta = (request: {
  readonly protocols: readonly string[];
  readonly betas: readonly string[];
}): boolean => request.protocols.includes(BETA_PROTOCOL) || request.betas.includes(BETA_NAME);

const FORMATS = {
  pcm16: { type: 'audio/pcm', rate: 24_000 },
  g711_ulaw: { type: 'audio/pcmu' },
  g711_alaw: { type: 'audio/pcma' },
} as const;

const { transcription, turn_detection, noise_reduction } = RealtimeSessionAsk.shape.audio
  .unwrap()
  .shape.input.unwrap().shape;

export const BetaUpdate = z.object({
  type: z.literal(BETA_UPDATE),
  event_id: z.string().max(512).nullable().optional(),
  session: z.object({
    input_audio_format: z.enum(['pcm16', 'g711_ulaw', 'g711_alaw']).optional(),
    input_audio_transcription: transcription,
    turn_detection,
    input_audio_noise_reduction: noise_reduction,
    include: RealtimeSessionAsk.shape.include,
  }),
});

/** What a beta update asks for. */
export function askOfBeta({ session }: z.infer<typeof BetaUpdate>): RealtimeSessionAsk {
  const { input_audio_format: format, include } = session;
  const { input_audio_transcription: spoken, turn_detection: turns, input_audio_noise_reduction: noise } = session;
  return {
    audio: {
      input: {
        ...(format === undefined ? {} : { format: FORMATS[format] }),
        ...(spoken === undefined ? {} : { transcription: spoken }),
        ...(turns === undefined ? {} : { turn_detection: turns }),
        ...(noise === undefined ? {} : { noise_reduction: noise }),
      },
    },
    ...(include === undefined ? {} : { include }),
  };
}

/** An event under the beta's name; none for one that it did not have. */
export function betaTold(event: RealtimeTold): readonly Readonly<Record<string, unknown>>[] {
  switch (event.type) {
    case 'session.created':
    case 'session.updated':
      return [{ ...event, type: `transcription_${event.type}`, session: betaSession(event.session) }];
    case 'conversation.item.added':
      return [{ ...event, type: 'conversation.item.created' }];
    case 'conversation.item.done':
      return [];
    default:
      return [event];
  }
}

function betaSession({ id, object, expires_at, include, audio: { input } }: RealtimeSession): object {
  const name =
    input.format.type === 'audio/pcm' ? 'pcm16' : input.format.type === 'audio/pcmu' ? 'g711_ulaw' : 'g711_alaw';
  return {
    id,
    object,
    expires_at,
    input_audio_format: name,
    input_audio_transcription: input.transcription,
    turn_detection: input.turn_detection,
    input_audio_noise_reduction: input.noise_reduction,
    include,
    client_secret: null,
  };
}
