/** What a client of Realtime transcription says. */
import { z } from 'zod';
import { parseBoundedObject, type JsonBounds } from '../bounded-json.ts';
import { quoted, refusal, refusalOf } from '../refusal.ts';
import { askOfBeta, BETA_UPDATE, BetaUpdate } from './beta.ts';
import { RealtimeSessionAsk } from './session.ts';

/** OpenAI's bound of one append, before base64. */
export const MAX_APPEND_BYTES = 15 * 2 ** 20;
const MAX_APPEND_CHARACTERS = Math.ceil(MAX_APPEND_BYTES / 3) * 4;
const MAX_ENVELOPE_CHARACTERS = 65_536;
/** Bounds of one message. */
export const REALTIME_JSON_BOUNDS: JsonBounds = {
  characters: MAX_APPEND_CHARACTERS + MAX_ENVELOPE_CHARACTERS,
  depth: 32,
};

const event_id = z.string().max(512).nullable().optional();

/** Every event that a client may send, by its `type`. */
export const REALTIME_CLIENT_EVENTS = {
  'session.update': z
    .object({ type: z.literal('session.update'), event_id, session: RealtimeSessionAsk })
    .describe('Changes the fields that are present; null clears.'),
  'input_audio_buffer.append': z
    .object({
      type: z.literal('input_audio_buffer.append'),
      event_id,
      audio: z.string().max(MAX_APPEND_CHARACTERS).describe('Base64 of at most 15 MiB.'),
    })
    .describe('Audio; not answered.'),
  'input_audio_buffer.commit': z
    .object({ type: z.literal('input_audio_buffer.commit'), event_id })
    .describe('Ends the turn.'),
  'input_audio_buffer.clear': z
    .object({ type: z.literal('input_audio_buffer.clear'), event_id })
    .describe('Throws away what is not committed.'),
} as const;

const ClientEvent = z.discriminatedUnion('type', [
  REALTIME_CLIENT_EVENTS['session.update'],
  REALTIME_CLIENT_EVENTS['input_audio_buffer.append'],
  REALTIME_CLIENT_EVENTS['input_audio_buffer.commit'],
  REALTIME_CLIENT_EVENTS['input_audio_buffer.clear'],
]);
export type RealtimeClientEvent = z.infer<typeof ClientEvent>;

/** What was read, or why it can't be, with the id that the client gave its event. */
export interface RealtimeRead {
  readonly eventId: string | undefined;
  /** Whether it has a name of the beta's. */
  readonly isBeta: boolean;
  /** @throws ScriptoriumError `request-invalid`, whose details name the `field` and the `rule`. */
  readonly event: () => RealtimeClientEvent;
}

/**
 * What a client's text message says.
 *
 * @throws ScriptoriumError as `parseBoundedObject` does.
 */
export function readRealtimeEvent(text: string): RealtimeRead {
  const sent = parseBoundedObject(text, REALTIME_JSON_BOUNDS);
  const { type } = sent;
  const given = sent['event_id'];
  return {
    eventId: typeof given === 'string' ? given.slice(0, 512) : undefined,
    isBeta: type === BETA_UPDATE,
    event() {
      if (type === BETA_UPDATE) return readBetaUpdate(sent);
      if (type === undefined)
        throw refusal('type', 'missing_required_parameter', "Missing required parameter: 'type'.");
      if (typeof type !== 'string' || !Object.hasOwn(REALTIME_CLIENT_EVENTS, type)) {
        const known = Object.keys(REALTIME_CLIENT_EVENTS).map((name) => `'${name}'`);
        const shown = typeof type === 'string' ? quoted(type) : 'type';
        throw refusal('type', 'invalid_value', `Invalid value: ${shown}. Supported values are: ${known.join(', ')}.`);
      }
      const parsed = ClientEvent.safeParse(sent);
      if (!parsed.success) throw refusalOf(parsed.error, sent);
      return parsed.data;
    },
  };
}

function readBetaUpdate(sent: Readonly<Record<string, unknown>>): RealtimeClientEvent {
  const parsed = BetaUpdate.safeParse(sent);
  if (!parsed.success) throw refusalOf(parsed.error, sent);
  return { type: 'session.update', session: askOfBeta(parsed.data) };
}
