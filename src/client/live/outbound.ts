import { frameBytes } from './audio-bytes.ts';
import { replayBuffer } from './replay-buffer.ts';
import type { LiveAudio } from './wire.ts';

/** Kept of a stream whose bytes have no fixed length in time, and whose session allows more. */
const PACKED_KEEP_BYTES = 2 * 2 ** 20;

/** A message that stands at a place of the stream: what was sent before belongs before it. */
interface Mark {
  /** Of one that is taken away by its answer; others are done with once sound behind them was received. */
  readonly id?: string;
  readonly message: object;
  readonly at: number;
  isSent: boolean;
}

export interface Limits {
  readonly frame: number;
  readonly replayMs: number;
}

type Send = (message: object | Uint8Array<ArrayBuffer>) => void;

/**
 * The stream on its way out, addressed by byte offset from its very start:
 *
 * ```
 *   forgotten │ kept, to be sent again        │ kept, not sent yet │
 *             start        received           cursor               end
 * ```
 *
 * Forgotten is what is safe with the server and lies before the last final; of what is neither, the newest `replayMs`. A session
 * that goes on for another begins at `base`, and its own offsets count from there.
 */
export interface Outbound {
  end(): number;
  /** Behind the last byte that ever went out. */
  sent(): number;
  base(): number;
  /** What may be kept. */
  room(): number;
  push(bytes: Uint8Array<ArrayBuffer>): void;
  mark(message: object, id?: string): void;
  unmark(id: string): void;
  /** Sends what may be sent; `end` behind all of it when `isEnd`. */
  pump(send: Send, isEnd: boolean): void;
  ack(received: number, safe: number, credit: number): boolean;
  /** The connection is gone. */
  stop(): void;
  /** The server has `received` bytes of this session: the rest is sent again once there is credit. */
  rewind(received: number): void;
  /** Everything before has its final. */
  settled(ms: number): void;
  /** Makes room by dropping what was not sent for longest; @returns how many bytes became a gap. */
  dropOldest(): number;
  /** Whether a new session could go on with what is kept, and tell no final again. */
  canRestart(): boolean;
  /** Begins again in a new session. @returns where, how much is lost for good, and the marks that lie before. */
  restart(): {
    readonly bytes: number;
    readonly ms: number;
    readonly lostMs: number;
    readonly passed: readonly string[];
  };
  setLimits(limits: Limits): void;
}

export function outbound(audio: LiveAudio): Outbound {
  const buffer = replayBuffer();
  const frame = frameBytes(audio);
  const bytesPerMs = ((frame ?? 0) * audio.sample_rate) / 1000;
  let marks: Mark[] = [];
  let base = 0;
  let cursor = 0;
  let sent = 0;
  let received = 0;
  let safe = 0;
  /** Undefined until the server gives some on this connection: nothing is sent then. */
  let credit: number | undefined;
  let final = 0;
  let hasFinal = false;
  let dropped = 0;
  let isEndSent = false;
  let limits: Limits = { frame: 65_536, replayMs: 60_000 };

  const down = (offset: number): number => (frame === undefined ? offset : offset - (offset % frame));
  const room = (): number => (frame === undefined ? PACKED_KEEP_BYTES : down(Math.ceil(limits.replayMs * bytesPerMs)));

  function trim(): void {
    // What is packed can be begun anew only from its head.
    const done = frame === undefined ? 0 : Math.min(safe, final);
    buffer.trim(down(Math.max(done, Math.min(received, buffer.end() - room()))));
  }

  /** One message; false when nothing may be sent now. */
  function sendNext(send: Send): boolean {
    if (credit === undefined) return false;
    const mark = marks.find(({ isSent, at }) => !isSent && at <= cursor);
    if (mark !== undefined) {
      mark.isSent = true;
      send(mark.message);
      return true;
    }
    const next = marks.find(({ isSent }) => !isSent)?.at ?? Infinity;
    const most = Math.min(limits.frame, received + credit - cursor, next - cursor);
    const missing = buffer.start() - cursor;
    const piece = missing > 0 ? ({ type: 'gap', length: Math.min(missing, most) } as const) : buffer.read(cursor, most);
    if (piece === undefined) return false;
    const length = piece.type === 'gap' ? down(piece.length) : piece.bytes.length;
    if (length <= 0) return false;
    send(piece.type === 'gap' ? { type: 'gap', bytes: length } : piece.bytes);
    cursor += length;
    sent = Math.max(sent, cursor);
    return true;
  }

  return {
    end: () => buffer.end(),
    sent: () => sent,
    base: () => base,
    room,
    push: (bytes) => buffer.push(bytes),
    mark: (message, id) =>
      void marks.push({ message, at: buffer.end(), isSent: false, ...(id === undefined ? {} : { id }) }),
    unmark(id) {
      marks = marks.filter((mark) => mark.id !== id);
    },
    pump(send, isEnd) {
      while (sendNext(send));
      if (!isEnd || isEndSent || credit === undefined || cursor < buffer.end() || marks.some(({ isSent }) => !isSent))
        return;
      isEndSent = true;
      send({ type: 'end' });
    },
    ack(theirs, theirSafe, theirCredit) {
      const before = received;
      received = Math.max(received, base + theirs);
      safe = Math.max(safe, base + theirSafe);
      credit = theirCredit;
      marks = marks.filter(({ id, at, isSent }) => id !== undefined || !isSent || at >= received);
      trim();
      return received > before;
    },
    stop() {
      credit = undefined;
    },
    rewind(theirs) {
      received = base + theirs;
      cursor = received;
      isEndSent = false;
      // What lies before the received bytes was received before them.
      for (const mark of marks) if (mark.at >= cursor) mark.isSent = false;
    },
    settled(ms) {
      hasFinal = true;
      if (frame !== undefined) final = Math.max(final, base + Math.floor((ms * audio.sample_rate) / 1000) * frame);
      trim();
    },
    dropOldest() {
      if (frame === undefined) return 0;
      const from = Math.max(dropped, down(sent + frame - 1));
      const to = down(buffer.end() - room());
      if (to <= from) return 0;
      buffer.drop(from, to);
      dropped = to;
      return to - from;
    },
    // What is packed begins at its head, so that all of it is heard again.
    canRestart: () => frame !== undefined || (buffer.start() === 0 && !hasFinal),
    restart() {
      // A final may have come before the word that its sound is safe.
      buffer.trim(Math.min(final, down(buffer.end())));
      const at = buffer.start();
      const passed = marks.flatMap((mark) => (mark.at < at && mark.id !== undefined ? [mark.id] : []));
      const result = {
        bytes: at - base,
        ms: frame === undefined ? 0 : at / bytesPerMs,
        lostMs: frame === undefined ? 0 : Math.max(0, at - final) / bytesPerMs,
        passed,
      };
      base = at;
      marks = marks.filter((mark) => mark.at >= at).map((mark) => ({ ...mark, isSent: false }));
      cursor = at;
      received = at;
      safe = at;
      final = at;
      credit = undefined;
      isEndSent = false;
      return result;
    },
    setLimits(next) {
      limits = next;
    },
  };
}
