/** What a server of Realtime transcription says. */
import { z } from 'zod';
import { RealtimeSession } from './session.ts';

const event_id = z.string();
const item_id = z.string();
const previous_item_id = z.string().nullable();
const content_index = z.literal(0);

const Item = z.object({
  id: item_id,
  object: z.literal('realtime.item'),
  type: z.literal('message'),
  status: z.literal('completed'),
  role: z.literal('user'),
  content: z.tuple([z.object({ type: z.literal('input_audio'), transcript: z.null() })]),
});

const Failure = z.object({
  type: z.string(),
  code: z.string().nullable(),
  message: z.string(),
  param: z.string().nullable(),
});

const event = <Type extends string, Fields extends z.ZodRawShape>(type: Type, fields: Fields) =>
  z.object({ event_id, type: z.literal(type), ...fields });

/** Every event that the server sends, in the order of a turn. */
export const REALTIME_SERVER_EVENTS = [
  event('session.created', { session: RealtimeSession }),
  event('session.updated', { session: RealtimeSession }),
  event('input_audio_buffer.speech_started', { audio_start_ms: z.int().min(0), item_id }),
  event('input_audio_buffer.speech_stopped', { audio_end_ms: z.int().min(0), item_id }),
  event('input_audio_buffer.committed', { previous_item_id, item_id }),
  event('conversation.item.added', { previous_item_id, item: Item }),
  event('conversation.item.done', { previous_item_id, item: Item }),
  event('conversation.item.input_audio_transcription.delta', { item_id, content_index, delta: z.string().min(1) }),
  event('conversation.item.input_audio_transcription.completed', {
    item_id,
    content_index,
    transcript: z.string(),
    usage: z.object({ type: z.literal('duration'), seconds: z.number().min(0) }),
  }),
  event('conversation.item.input_audio_transcription.failed', { item_id, content_index, error: Failure }),
  event('input_audio_buffer.cleared', {}),
  event('error', { error: Failure.extend({ event_id: z.string().nullable() }) }),
] as const;

export const RealtimeServerEvent = z.discriminatedUnion('type', REALTIME_SERVER_EVENTS);
export type RealtimeServerEvent = z.infer<typeof RealtimeServerEvent>;
/** One without its id, which the dialect counts. */
export type RealtimeTold = RealtimeServerEvent extends infer Event
  ? Event extends RealtimeServerEvent
    ? Omit<Event, 'event_id'>
    : never
  : never;
