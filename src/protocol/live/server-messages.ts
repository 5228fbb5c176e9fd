/** What a server of `stt.live.v1` says. Events have numbers and are told again after a broken socket; control messages are not. */
import { z } from 'zod';
import * as values from './values.ts';

const seq = z.int().min(1).describe('1, 2, 3, … for the life of the session, over any number of sockets.');
const ms = z.number().min(0);
const probability = z.number().min(0).max(1);
const segment = values.count.describe('0, 1, 2, …: made when speech begins, kept by its partials and its final.');

export const LiveWord = z.strictObject({
  w: z.string(),
  start_ms: ms,
  end_ms: ms,
  p: probability.describe('How sure the engine is.'),
});

const LedgerCounts = z.strictObject({
  received: z.number().min(0).describe('All that came, gaps included: the sum of the others.'),
  transcribed: z.number().min(0),
  silence: z.number().min(0),
  suppressed: z.strictObject({ no_speech: z.number().min(0) }),
  dropped: z.strictObject({ failed: z.number().min(0), cleared: z.number().min(0), gap: z.number().min(0) }),
});

/** By `type`; each has a `seq`. */
export const LIVE_EVENTS = {
  started: z
    .strictObject({
      type: z.literal('started'),
      seq,
      session_id: values.id,
      resume_token: values.token.describe('Takes the session up again; empty for those who only watch.'),
      view_token: values.token.describe('Lets others watch.'),
      model: z.string(),
      audio: z.strictObject({ encoding: z.enum(values.LIVE_ENCODINGS), sample_rate: z.int(), channels: z.int() }),
      limits: z.strictObject({
        max_frame_bytes: values.count,
        ahead_ms: ms.describe('Audio that may be sent ahead of what was taken in; `credit` is the same in bytes.'),
        replay_ms: ms.describe('Audio that a client should keep, to send it again.'),
        idle_ms: ms,
        resume_ms: ms,
        max_session_ms: ms,
      }),
      continues: values.Continues.optional().describe('As `start` said.'),
    })
    .describe('The session, and what to keep of it.'),
  speech_start: z
    .strictObject({ type: z.literal('speech_start'), seq, segment, at_ms: ms })
    .describe('Somebody began to speak.'),
  speech_end: z
    .strictObject({
      type: z.literal('speech_end'),
      seq,
      segment,
      at_ms: ms.describe('Where it was decided, the pause included.'),
    })
    .describe('The utterance is over; its final comes.'),
  language: z
    .strictObject({ type: z.literal('language'), seq, code: z.string(), probability })
    .describe('What is spoken, when it was not told.'),
  partial: z
    .strictObject({
      type: z.literal('partial'),
      seq,
      segment,
      rev: z.int().min(1).describe('Ascends within its segment.'),
      start_ms: ms,
      end_ms: ms.describe('How far it was heard.'),
      text: z.string(),
      stable: values.count.describe('The first so many code points of `text` will not change.'),
      words: z.array(LiveWord).optional(),
    })
    .describe('Takes the place of lower `rev` of its segment.'),
  final: z
    .strictObject({
      type: z.literal('final'),
      seq,
      segment,
      start_ms: ms,
      end_ms: ms,
      text: z.string().describe('Empty text takes the segment back.'),
      words: z.array(LiveWord).optional(),
      language: z.string(),
      avg_logprob: z.number(),
      no_speech_prob: probability,
    })
    .describe('Once for each segment, in their order, never changed, never overlapping.'),
  finalized: z
    .strictObject({ type: z.literal('finalized'), seq, id: values.id, bytes: values.count })
    .describe('All that was sent before `finalize` has its finals.'),
  load: z
    .strictObject({
      type: z.literal('load'),
      seq,
      step: z.enum(['normal', 'partials-slow', 'partials-none']),
    })
    .describe('The server cuts partials back, or has them whole again. Finals are never shed.'),
  moved: z
    .strictObject({ type: z.literal('moved'), seq })
    .describe('Another server has taken the session over. Nothing to do.'),
  warning: z
    .strictObject({ type: z.literal('warning'), seq, code: z.string(), message: z.string() })
    .describe('Something to know; nothing to do.'),
  ended: z
    .strictObject({
      type: z.literal('ended'),
      seq,
      reason: z.enum(['done', 'disconnected', 'idle', 'too-long', 'failed']),
      audio_ms: ms,
      segments: values.count.describe('Finals, empty ones included.'),
      ledger: LedgerCounts.describe('Where every sample went, at 16 kHz.'),
      ledger_ms: LedgerCounts.describe('The same in milliseconds.'),
      figures: z.strictObject({
        partials: values.count,
        finals: values.count,
        resumes: values.count,
        words: values.count,
        changed_words: values.count.describe('Words of partials that a later text changed.'),
      }),
    })
    .describe('The last event; the socket is closed with 1000.'),
} as const;

/** By `type`; none has a `seq`. */
export const LIVE_CONTROLS = {
  ack: z
    .strictObject({
      type: z.literal('ack'),
      received: values.count.describe('Bytes of the stream that were taken in.'),
      safe: values.count.describe('Bytes that need not be kept any more.'),
      credit: values.count.describe('Bytes that may be under way behind `received`.'),
    })
    .describe('How far the audio came.'),
  resumed: z
    .strictObject({
      type: z.literal('resumed'),
      received: values.count.describe('Send again from this byte.'),
      from_seq: z.int().min(1).describe('The number of the next event.'),
    })
    .describe('The answer to `resume` and `watch`; missed events follow.'),
  skip: z
    .strictObject({ type: z.literal('skip'), from: z.int().min(1), to: z.int().min(1) })
    .describe('These numbers were partials that others have taken the place of.'),
  pong: z
    .strictObject({ type: z.literal('pong'), id: z.union([z.number(), values.id]).optional() })
    .describe('The answer to `ping`.'),
  draining: z
    .strictObject({ type: z.literal('draining'), deadline_ms: ms })
    .describe('The server stops within this time: go on elsewhere.'),
  degraded: z
    .strictObject({
      type: z.literal('degraded'),
      active: z.boolean().describe('false: all goes on as before, and nothing was lost.'),
    })
    .describe(
      'What the server keeps its work in does not answer: no `ack` and no words come, and what is not `safe` is to be kept.',
    ),
  error: z
    .strictObject({
      type: z.literal('error'),
      code: z.string().describe('As docs/errors.md has them.'),
      message: z.string(),
      fatal: z.boolean().describe('Whether the socket is closed behind it.'),
      retry_after_ms: ms.optional(),
    })
    .describe('Something could not be done.'),
} as const;

type Events = typeof LIVE_EVENTS;
type Controls = typeof LIVE_CONTROLS;
/** What is sent, before JSON. */
export type LiveServerMessage =
  | { [Type in keyof Events]: z.input<Events[Type]> }[keyof Events]
  | { [Type in keyof Controls]: z.input<Controls[Type]> }[keyof Controls];
