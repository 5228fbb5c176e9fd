import { millis, type Millis } from '../../core/index.ts';

/** Every bound and choice of live sessions. */
export interface LiveSettings {
  /** Sessions at once, detached ones included; more are refused. */
  readonly sessions: number;
  /** Who only watch one session. */
  readonly viewers: number;
  /** A message of the client, of `stt.live.v1` and of Realtime (whose audio is base64 in JSON). */
  readonly frameBytes: number;
  readonly realtimeFrameBytes: number;
  /** Sound that a client may send ahead of what was taken in, and that it should keep to send it again. */
  readonly ahead: Millis;
  readonly replay: Millis;
  /** Nothing from the client for so long ends the session. */
  readonly idle: Millis;
  /** How long a session waits for its client to come back. */
  readonly resume: Millis;
  /** How often a session's record says that a gateway has it, and after how long without that another ends it. */
  readonly sign: Millis;
  readonly orphaned: Millis;
  /** No session lasts longer. */
  readonly longest: Millis;
  /** How long what was said is kept after the end. */
  readonly kept: Millis;
  /** Between two signs of life on a socket. */
  readonly beat: Millis;
  /** How often a client is told how far its sound was taken in. */
  readonly acknowledge: Millis;
  /** New sound between two partials: at least, and when the server is loaded. */
  readonly partialEvery: Millis;
  readonly slowPartialEvery: Millis;
  /** Sound of an utterance, what came before the voice included, before its first partial; and new sound when that told nothing. */
  readonly firstPartial: Millis;
  readonly firstPartialAgain: Millis;
  /** A partial that has not returned in this time is not waited for any more. */
  readonly partialLost: Millis;
  /** How often it is looked whether a final's job may be lost; one that is put again is the same job. */
  readonly finalLost: Millis;
  /** The decoder is told what was said before an utterance that begins this soon behind it. */
  readonly saidWithin: Millis;
  /** Longest time for all finals to come after the end. */
  readonly finish: Millis;
  /** Bytes that may wait in a socket; beyond `outboundMost`, or for longer than `outboundTime`, it is closed. */
  readonly outboundBytes: number;
  readonly outboundMost: number;
  readonly outboundTime: Millis;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export const DEFAULT_LIVE_SETTINGS: LiveSettings = {
  sessions: 200,
  viewers: 2000,
  frameBytes: 65_536,
  // 15 MiB of sound in base64, and the JSON around it.
  realtimeFrameBytes: 21 * 2 ** 20,
  ahead: millis(10 * SECOND),
  replay: millis(60 * SECOND),
  idle: millis(60 * SECOND),
  resume: millis(60 * SECOND),
  sign: millis(20 * SECOND),
  orphaned: millis(90 * SECOND),
  longest: millis(120 * MINUTE),
  kept: millis(10 * MINUTE),
  beat: millis(15 * SECOND),
  acknowledge: millis(SECOND / 2),
  partialEvery: millis(SECOND / 2),
  slowPartialEvery: millis(SECOND),
  firstPartial: millis(600),
  firstPartialAgain: millis(200),
  partialLost: millis(5 * SECOND),
  finalLost: millis(5 * SECOND),
  saidWithin: millis(20 * SECOND),
  finish: millis(2 * MINUTE),
  outboundBytes: 256 * 1024,
  outboundMost: 2 ** 20,
  outboundTime: millis(10 * SECOND),
};
