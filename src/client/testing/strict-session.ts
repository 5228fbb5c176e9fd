import { createHash } from 'node:crypto';

/** One session of the strict server; lives longer than its sockets. */
export interface StrictSession {
  readonly facts: StrictFacts;
  /** All that came, gaps as zeros. */
  bytes(): Uint8Array;
  /** Their texts. */
  finals(): readonly string[];
  gaps(): readonly { readonly at: number; readonly bytes: number }[];
  received(): number;
  lastSeq(): number;
  isEnding(): boolean;
  /** One socket speaks; the one before it loses the session. */
  attach(close: (code: number) => void): void;
  /** Tells every event behind `last`, of the partials that were replaced only that they are left out. */
  follow(key: object, last: number, send: (message: object) => void, close: (code: number) => void): void;
  unfollow(key: object): void;
  push(bytes: Uint8Array): void;
  gap(bytes: number): void;
  finalize(id: string): void;
  end(): void;
}

export interface StrictFacts {
  readonly session_id: string;
  readonly audio: { readonly sample_rate: number };
  readonly continues?: { readonly session_id: string; readonly bytes: number };
  readonly [name: string]: unknown;
}

/** 16 bit mono at 16 kHz: an utterance is a second long, a partial comes each quarter. */
const BYTES_A_MS = 32;
const PARTIAL_BYTES = 8000;
const SEGMENT_BYTES = 32_000;

interface Told {
  readonly seq: number;
  readonly type: string;
  readonly segment?: number;
  readonly [name: string]: unknown;
}

export function strictSession(facts: StrictFacts): StrictSession {
  const chunks: Uint8Array[] = [];
  const gaps: { at: number; bytes: number }[] = [];
  const events: Told[] = [];
  const followers = new Map<object, { send: (message: object) => void; close: (code: number) => void }>();
  let superseded: (code: number) => void = () => {};
  let received = 0;
  let segment = 0;
  let from = 0;
  let revision = 0;
  let heard = createHash('sha256');
  let isEnding = false;

  const ms = (bytes: number): number => bytes / BYTES_A_MS;

  function tell(type: string, fields: object): void {
    const event: Told = { ...fields, type, seq: events.length + 1 };
    events.push(event);
    for (const { send } of followers.values()) send(event);
    if (type === 'ended') for (const { close } of followers.values()) close(1000);
  }

  const text = (): string => `words ${heard.copy().digest('hex').slice(0, 8)}`;

  function final(): void {
    if (received === from) return;
    tell('speech_end', { segment, at_ms: ms(received) });
    const words = [{ w: text(), start_ms: ms(from), end_ms: ms(received), p: 0.9 }];
    tell('final', { segment, start_ms: ms(from), end_ms: ms(received), text: text(), words, language: 'en' });
    segment++;
    from = received;
    revision = 0;
    heard = createHash('sha256');
  }

  /** A part that lies within one utterance and one stretch between partials. */
  function take(part: Uint8Array): void {
    if (received === from) tell('speech_start', { segment, at_ms: ms(from) });
    heard.update(part);
    received += part.length;
    if (received - from === SEGMENT_BYTES) final();
    else if ((received - from) % PARTIAL_BYTES === 0) {
      revision++;
      tell('partial', { segment, rev: revision, start_ms: ms(from), end_ms: ms(received), text: text(), stable: 6 });
    }
  }

  function push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(bytes.length - at, PARTIAL_BYTES - ((received - from) % PARTIAL_BYTES));
      take(bytes.subarray(at, at + length));
      at += length;
    }
  }

  tell('started', facts);
  return {
    facts,
    bytes: () => Buffer.concat(chunks),
    finals: () =>
      events.flatMap(({ type, text: said }) => (type === 'final' && typeof said === 'string' ? [said] : [])),
    gaps: () => gaps,
    received: () => received,
    lastSeq: () => events.length,
    isEnding: () => isEnding,
    attach(close) {
      superseded(4409);
      superseded = close;
    },
    follow(key, last, send, close) {
      const isReplaced = (event: Told, index: number): boolean =>
        event.type === 'partial' &&
        events.some(
          (later, at) => at > index && later.segment === event.segment && /^(partial|final)$/.test(later.type),
        );
      followers.set(key, { send, close });
      for (const [index, event] of events.entries()) {
        if (event.seq <= last) continue;
        if (isReplaced(event, index)) send({ type: 'skip', from: event.seq, to: event.seq });
        else send(event);
      }
      if (events.at(-1)?.type === 'ended') close(1000);
    },
    unfollow(key) {
      followers.delete(key);
    },
    push(bytes) {
      chunks.push(Uint8Array.from(bytes));
      push(bytes);
    },
    gap(bytes) {
      gaps.push({ at: received, bytes });
      chunks.push(new Uint8Array(bytes));
      push(new Uint8Array(bytes));
    },
    finalize(id) {
      // Sent again after a broken connection, it may be here already: a server that does not look tells it twice.
      final();
      tell('finalized', { id, bytes: received });
    },
    end() {
      if (isEnding) return;
      isEnding = true;
      final();
      const samples = received / 2;
      const dropped = { failed: 0, cleared: 0, gap: 0 };
      const ledger = { received: samples, transcribed: samples, silence: 0, suppressed: { no_speech: 0 }, dropped };
      tell('ended', { reason: 'done', audio_ms: ms(received), segments: segment, ledger });
    },
  };
}
