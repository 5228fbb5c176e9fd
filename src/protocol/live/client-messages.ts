/** What a client of `stt.live.v1` says. Binary messages are audio, and have no schema. */
import { z } from 'zod';
import { parseBoundedObject, type JsonBounds } from '../bounded-json.ts';
import { quoted, refusal } from '../refusal.ts';
import * as values from './values.ts';

/** Bounds of one text message. */
export const LIVE_JSON_BOUNDS: JsonBounds = { characters: 65_536, depth: 16 };

/** Every message that a client may send, by its `type`. Fields that are not named are refused. */
export const LIVE_CLIENT_MESSAGES = {
  start: z
    .strictObject({
      type: z.literal('start'),
      model: values.name.nullable().optional().describe('A name of GET /v1/models; the server’s own without it.'),
      language: values.language.optional(),
      task: z.enum(['transcribe', 'translate']).optional().describe('`transcribe`; `translate` is into English.'),
      audio: values.LiveAudio.optional().describe('pcm_s16le, 16000 Hz, one channel without it.'),
      turns: values.LiveTurnsAsk.optional(),
      partials: z.boolean().optional().describe('Whether text is told before it is final; true.'),
      words: z.boolean().optional().describe('Whether partials and finals have their words with times; true.'),
      prompt: values.prompt.optional(),
      keywords: values.keywords.optional(),
      metadata: values.metadata.optional(),
      continues: values.Continues.optional().describe(
        'The session that was lost and that this one goes on for; told again in `started`.',
      ),
    })
    .describe('Begins a session; the first message of a socket, or `resume` or `watch` is.'),
  resume: z
    .strictObject({
      type: z.literal('resume'),
      session_id: values.id,
      resume_token: values.token,
      last_seq: values.count.describe('The last number seen; 0 for none.'),
    })
    .describe('Takes a session up again, on a new socket.'),
  watch: z
    .strictObject({
      type: z.literal('watch'),
      session_id: values.id,
      view_token: values.token,
      last_seq: values.count.describe('The last number seen; 0 for none.'),
    })
    .describe('Follows a session read-only.'),
  gap: z
    .strictObject({
      type: z.literal('gap'),
      bytes: z.int().min(1).describe('A whole number of samples of all channels.'),
    })
    .describe('These bytes will not come: the clock moves on, silence is assumed.'),
  finalize: z
    .strictObject({ type: z.literal('finalize'), id: values.id.describe('Comes back in `finalized`.') })
    .describe('Ends the utterance under way.'),
  update: z
    .strictObject({
      type: z.literal('update'),
      language: values.language.optional(),
      turns: values.LiveTurnsAsk.optional(),
    })
    .describe('Changes what follows.'),
  ack: z
    .strictObject({ type: z.literal('ack'), seq: values.count })
    .describe('Every event as far as this number was seen.'),
  ping: z
    .strictObject({ type: z.literal('ping'), id: z.union([z.number(), values.id]).optional() })
    .describe('Answered with `pong`; a sign of life.'),
  end: z.strictObject({ type: z.literal('end') }).describe('No more audio comes: finals, then `ended`.'),
} as const;

type ClientMessages = typeof LIVE_CLIENT_MESSAGES;
export type LiveClientMessage = { [Type in keyof ClientMessages]: z.infer<ClientMessages[Type]> }[keyof ClientMessages];

const LiveClientMessage = z.discriminatedUnion('type', [
  LIVE_CLIENT_MESSAGES.start,
  LIVE_CLIENT_MESSAGES.resume,
  LIVE_CLIENT_MESSAGES.watch,
  LIVE_CLIENT_MESSAGES.gap,
  LIVE_CLIENT_MESSAGES.finalize,
  LIVE_CLIENT_MESSAGES.update,
  LIVE_CLIENT_MESSAGES.ack,
  LIVE_CLIENT_MESSAGES.ping,
  LIVE_CLIENT_MESSAGES.end,
]);

/**
 * What a client's text message says.
 *
 * @throws ScriptoriumError `request-invalid`, whose details name the `field`, `frame-too-large`.
 */
export function readLiveClientMessage(text: string): LiveClientMessage {
  const sent = parseBoundedObject(text, LIVE_JSON_BOUNDS);
  const { type } = sent;
  if (typeof type !== 'string' || !Object.hasOwn(LIVE_CLIENT_MESSAGES, type)) {
    const known = Object.keys(LIVE_CLIENT_MESSAGES).join(', ');
    const what = typeof type === 'string' ? `there is no message ${quoted(type)}` : 'the message has no type';
    throw refusal('type', 'invalid_value', `${what}; there are ${known}`);
  }
  const parsed = LiveClientMessage.safeParse(sent);
  if (parsed.success) return parsed.data;
  throw refusalIn(type, parsed.error, sent);
}

/** The first thing that is wrong in a message, by the name of its field. */
function refusalIn(type: string, error: z.ZodError, sent: unknown): ReturnType<typeof refusal> {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === 'unrecognized_keys') {
    const field = [...path, issue.keys[0] ?? ''].join('.');
    return refusal(field, 'invalid_value', `${type} has no field ${quoted(field)}`);
  }
  const field = path.join('.');
  if (issue?.code === 'invalid_type' && valueAt(sent, path) === undefined) {
    return refusal(field, 'missing_required_parameter', `${type} needs the field ${quoted(field)}`);
  }
  return refusal(field, 'invalid_value', `${quoted(field)} of ${type}: ${issue?.message ?? 'it is not valid'}`);
}

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Object.entries(inner).find(([own]) => own === key)?.[1] : undefined,
    value,
  );
