import type { ErrorCode } from '../../core/index.ts';

/** Why a WebSocket is closed. */
export interface CloseCode {
  readonly code: number;
  readonly name: string;
  /** Whether the same client would only be closed again: it should not come back by itself. */
  readonly final: boolean;
  /** Errors of docs/errors.md that end so. */
  readonly errors: readonly ErrorCode[];
  readonly meaning: string;
}

/** 4000–4999 are for applications (RFC 6455 7.4.2); ours are HTTP's statuses with a 4 before them. */
export const CLOSE_CODES: readonly CloseCode[] = [
  { code: 1000, name: 'done', final: true, errors: [], meaning: '`ended` was told.' },
  {
    code: 1001,
    name: 'draining',
    final: false,
    errors: ['server-draining'],
    meaning: 'The server stops; go on at another now.',
  },
  {
    code: 1011,
    name: 'server failed',
    final: false,
    errors: ['server-failed', 'storage-full', 'storage-failed', 'broker-closed', 'engine-crashed'],
    meaning: 'Ours; and any error that is not named here.',
  },
  {
    code: 4400,
    name: 'bad message',
    final: true,
    errors: ['request-invalid', 'model-missing', 'language-unsupported'],
    meaning: 'The message, or its place, is wrong; the reason says how.',
  },
  { code: 4401, name: 'key', final: true, errors: ['key-invalid'], meaning: 'The key is missing or unknown.' },
  {
    code: 4403,
    name: 'forbidden',
    final: true,
    errors: ['origin-refused'],
    meaning: 'Pages of this origin may not call.',
  },
  {
    code: 4404,
    name: 'unknown session',
    final: false,
    errors: ['session-unknown'],
    meaning: 'Start a new one with what is kept, and `continues`.',
  },
  {
    code: 4408,
    name: 'idle',
    final: false,
    errors: ['session-idle'],
    meaning: 'Neither audio nor a ping came for `idle_ms`; the session has ended.',
  },
  {
    code: 4409,
    name: 'superseded',
    final: true,
    errors: ['session-superseded'],
    meaning: 'Another socket has taken the session up.',
  },
  {
    code: 4413,
    name: 'frame too large',
    final: true,
    errors: ['frame-too-large'],
    meaning: 'A message was larger than `max_frame_bytes`.',
  },
  {
    code: 4414,
    name: 'reader too slow',
    final: false,
    errors: ['reader-too-slow'],
    meaning: 'What was sent is not read; resume when it can be.',
  },
  {
    code: 4415,
    name: 'encoding',
    final: true,
    errors: ['audio-format-unsupported', 'audio-damaged', 'audio-empty'],
    meaning: 'The audio is not what `start` said, or can’t be read.',
  },
  {
    code: 4429,
    name: 'quota',
    final: false,
    errors: ['rate-limited', 'audio-ahead'],
    meaning: 'More than the key, or the credit, allows.',
  },
  {
    code: 4503,
    name: 'overloaded',
    final: false,
    errors: ['server-busy', 'queue-full'],
    meaning: 'No room now; `retry_after_ms` says when to come back.',
  },
];

const SERVER_FAILED = 1011;
/** `ended` was told. */
export const CLOSE_DONE = 1000;

/** What a socket is closed with for an error. */
export const closeCodeOf = (error: ErrorCode): number =>
  CLOSE_CODES.find(({ errors }) => errors.includes(error))?.code ?? SERVER_FAILED;

/** RFC 6455 5.5: a control frame holds 125 bytes, two of them the code. */
export const MAX_REASON_BYTES = 123;

/** A text cut so that it fits behind a close code. */
export function closeReason(text: string): string {
  const encoder = new TextEncoder();
  let reason = '';
  let bytes = 0;
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_REASON_BYTES) break;
    reason += character;
  }
  return reason;
}
