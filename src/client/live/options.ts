import type { LinkTimes } from './link.ts';
import type { LiveAudio, LiveTurns } from './wire.ts';

/** What a live session is asked for; what is left out is the server's choice. */
export interface LiveOptions {
  /** How the sound comes; 16 kHz mono `pcm_s16le` unless told. */
  readonly audio?: LiveAudio;
  readonly model?: string;
  /** Code of what is spoken. */
  readonly language?: string;
  readonly task?: 'transcribe' | 'translate';
  readonly turns?: LiveTurns;
  /** Whether text is told before it is final; on unless told. */
  readonly partials?: boolean;
  /** Whether words carry times; on unless told. */
  readonly words?: boolean;
  readonly prompt?: string;
  /** Words to listen for. */
  readonly keywords?: readonly string[];
  /** Given back as it is. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * When more waits to be sent than may be kept: `wait` lets `send` wait and refuses more (a file); `gap` drops what is oldest and
   * puts silence in its place (a microphone, which can't wait). `gap` needs sound of fixed length: PCM, mu-law or A-law.
   */
  readonly whenFull?: 'wait' | 'gap';
  readonly times?: Partial<LinkTimes>;
}

/** What may change while a session goes on. */
export type LiveChange = Pick<LiveOptions, 'language' | 'turns'>;

export const DEFAULT_AUDIO: LiveAudio = { encoding: 'pcm_s16le', sample_rate: 16_000, channels: 1 };

/** As it is after a change; of `turns` only what is named changes. */
export function changed(options: LiveOptions, change: LiveChange): LiveOptions {
  const turns = { ...options.turns, ...change.turns };
  return { ...options, ...change, ...(Object.keys(turns).length === 0 ? {} : { turns }) };
}

/** The first message. @param continues the session that this one goes on for. */
export function startMessage(
  { audio = DEFAULT_AUDIO, whenFull: _whenFull, times: _times, ...asked }: LiveOptions,
  continues: { readonly session_id: string; readonly bytes: number } | undefined,
): object {
  return { type: 'start', ...asked, audio, ...(continues === undefined ? {} : { continues }) };
}
