import { ClientError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { bytesOf, frameBytes, type AudioChunk } from './audio-bytes.ts';
import { moved, NO_OFFSET, type Offset } from './continuation.ts';
import { eventQueue } from './event-queue.ts';
import type { LiveEvent } from './events.ts';
import { LINK_TIMES, openLink } from './link.ts';
import { eventNumbers } from './numbers.ts';
import { changed, DEFAULT_AUDIO, startMessage, type LiveChange, type LiveOptions } from './options.ts';
import { outbound } from './outbound.ts';
import type { EndedEvent, ServerMessage, SessionEvent, StartedEvent, UnknownMessage } from './wire.ts';

/**
 * One live session: sound in, events out, over as many connections as it takes.
 *
 * ```
 *            ┌─ connection breaks: `reconnecting` ─▶ away ─ `resumed` ─┐
 *            │                                        │                │
 * opening ─▶ live ◀────────── 4404: `continued` ──────┴────────────────┘
 *   │        │ end()                                    (away while ending comes back to ending)
 *   │        ▼
 *   │      ending ── `ended` ──▶ ended          the events end
 *   ▼
 * failed     a close code that names an error, `reconnect-timeout`, abort(): the events and every promise fail
 * ```
 *
 * `ended` may come in any state, for the server may end a session by itself (`reason`).
 */
export interface LiveSession extends AsyncIterable<LiveEvent, void, undefined> {
  /** Of the server, once `started` came: what `watch` needs. */
  session(): { readonly id: string; readonly viewToken: string } | undefined;
  /**
   * Takes sound, copied. Resolves when all of it is on its way (which waits for the server's credit, and for a broken connection
   * to be back), or at once with `whenFull: 'gap'`.
   *
   * @throws ClientError `audio-ahead` when more waits already than may be kept; whatever ended the session.
   */
  send(chunk: AudioChunk): Promise<void>;
  /** Changes what follows the sound that was sent so far: the language that is spoken, or how turns are told. */
  update(change: LiveChange): void;
  /** Ends the utterance under way; resolves when everything that was sent before has its final. */
  finalize(): Promise<void>;
  /** No more sound comes; resolves with the last event, when all finals are there. */
  end(): Promise<EndedEvent>;
  /** Leaves at once; the server ends the session by itself a little later. */
  abort(): void;
}

/** Sessions in a row that the server may lose before one of them has told a final. */
const MAX_LOST = 10;

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: ClientError) => void;
}

export interface SessionAddress {
  readonly url: string;
  readonly key: string | undefined;
}

/** @throws ClientError `request-invalid` when sound may be dropped that can't be counted in samples. */
export function openSession(address: SessionAddress, options: LiveOptions, platform: Platform): LiveSession {
  const audio = options.audio ?? DEFAULT_AUDIO;
  if (options.whenFull === 'gap' && frameBytes(audio) === undefined) {
    throw new ClientError('request-invalid', `${audio.encoding} can't be dropped in parts: whenFull must be 'wait'`);
  }
  const events = eventQueue();
  const numbers = eventNumbers();
  const out = outbound(audio);
  const sends: (Waiter<void> & { readonly end: number })[] = [];
  const finalizes = new Map<string, Waiter<void>>();
  const ends: Waiter<EndedEvent>[] = [];
  let facts: StartedEvent | undefined;
  let offset: Offset = NO_OFFSET;
  let nextSegment = 0;
  let finals = 0;
  let lost = 0;
  let before: { readonly session_id: string; readonly bytes: number; readonly lostMs: number } | undefined;
  let count = 0;
  /** As it was changed since: so a session begins that goes on for a lost one. */
  let asked = options;
  let isEnding = false;
  let ended: EndedEvent | undefined;
  let failure: ClientError | undefined;

  const link = openLink({ ...address, times: { ...LINK_TIMES, ...options.times } }, platform, {
    hello: () =>
      facts === undefined || before !== undefined
        ? startMessage(asked, before && { session_id: before.session_id, bytes: before.bytes })
        : {
            type: 'resume',
            session_id: facts.session_id,
            resume_token: facts.resume_token,
            last_seq: numbers.last(),
          },
    heard: hear,
    broken({ attempt, delay, code, message }) {
      out.stop();
      tell({ type: 'reconnecting', attempt, delay_ms: Math.round(delay), code, message });
    },
    unknown: restart,
    over: finish,
  });

  function tell(event: LiveEvent): void {
    try {
      events.put(event);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      finish(error);
      link.close();
    }
  }

  function pump(): void {
    // A server may give credit before it says that the session is there.
    if (!link.isUp()) return;
    out.pump((message) => link.send(message), isEnding);
    while (sends[0] !== undefined && sends[0].end <= out.sent()) sends.shift()?.resolve();
  }

  function hear(message: ServerMessage | UnknownMessage): void {
    const counted = numbers.take(message);
    if (counted.type === 'hole') {
      link.again('protocol-violated', 'an event is missing');
      return;
    }
    if (counted.type === 'event') {
      // One that has only begun is none: a server may lose each.
      if (counted.event.type !== 'started') link.progress();
      take(counted.event);
      return;
    }
    if (message.type === 'ack') {
      if (out.ack(message.received, message.safe, message.credit)) link.progress();
      pump();
    } else if (message.type === 'resumed') {
      out.rewind(message.received);
      tell({ type: 'resumed', session_id: facts?.session_id ?? '' });
      pump();
    } else if (message.type === 'draining') tell({ type: 'draining', deadline_ms: message.deadline_ms });
    else if (message.type === 'degraded') tell({ type: 'degraded', active: message.active });
  }

  function take(event: SessionEvent): void {
    if (event.type === 'started') {
      start(event);
      pump();
    } else if (event.type === 'finalized') {
      const waiter = finalizes.get(event.id);
      // One that was asked for again after a broken connection may come twice.
      if (waiter === undefined) return;
      finalizes.delete(event.id);
      out.unmark(event.id);
      tell(moved(event, offset));
      waiter.resolve();
    } else if (event.type === 'error') {
      if (event.fatal === false) tell(event);
    } else {
      const shown = moved(event, offset);
      if ('segment' in shown && shown.segment !== undefined) nextSegment = Math.max(nextSegment, shown.segment + 1);
      if (event.type === 'final') {
        out.settled(event.end_ms);
        finals++;
        lost = 0;
      }
      tell(shown);
      if (shown.type === 'ended') {
        ended = shown;
        link.finish();
        finish(undefined);
      }
    }
  }

  function start(event: StartedEvent): void {
    facts = event;
    const { max_frame_bytes: frame, replay_ms: replayMs } = event.limits;
    out.setLimits({ frame, replayMs });
    if (before === undefined) {
      tell(event);
      return;
    }
    const { session_id: gone, lostMs } = before;
    before = undefined;
    tell({
      type: 'continued',
      session_id: event.session_id,
      before: gone,
      from_ms: Math.round(offset.ms),
      lost_ms: Math.round(lostMs),
    });
  }

  /** The server lost the session: what is kept goes to a new one. */
  function restart(): boolean {
    if (facts === undefined || !out.canRestart() || lost >= MAX_LOST) return false;
    lost++;
    // One that was lost before it began is still the one that is gone.
    const gone = before?.session_id ?? facts.session_id;
    const { bytes, ms, lostMs, passed } = out.restart();
    before = { session_id: gone, bytes: (before?.bytes ?? 0) + bytes, lostMs: (before?.lostMs ?? 0) + lostMs };
    offset = { ms: Math.round(ms), segments: nextSegment, finals, bytes: out.base() };
    numbers.restart();
    for (const id of passed) {
      finalizes.get(id)?.resolve();
      finalizes.delete(id);
    }
    return true;
  }

  function finish(error: ClientError | undefined): void {
    if (failure !== undefined) return;
    const left = error ?? new ClientError('cancelled', 'the session was left');
    if (ended === undefined) failure = left;
    else failure = new ClientError('session-ended', `the session has ended: ${ended.reason}`);
    for (const waiter of [...sends, ...finalizes.values()]) waiter.reject(failure);
    for (const waiter of ends) {
      if (ended === undefined) waiter.reject(failure);
      else waiter.resolve(ended);
    }
    sends.length = 0;
    ends.length = 0;
    finalizes.clear();
    events.close(ended === undefined ? error : undefined);
  }

  const refusal = (): ClientError | undefined =>
    failure ??
    (isEnding ? new ClientError('request-invalid', 'the session was ended: no more can be sent') : undefined);

  return {
    session: () => (facts === undefined ? undefined : { id: facts.session_id, viewToken: facts.view_token }),
    [Symbol.asyncIterator]: () => events[Symbol.asyncIterator](),
    async send(chunk) {
      const refused = refusal();
      if (refused !== undefined) throw refused;
      const bytes = bytesOf(chunk, audio.encoding);
      const waiting = out.end() - out.sent();
      const isLive = options.whenFull === 'gap';
      if (!isLive && waiting > 0 && waiting + bytes.length > out.room()) {
        throw new ClientError('audio-ahead', `${String(waiting)} bytes wait to be sent already: wait for send()`);
      }
      out.push(bytes);
      pump();
      if (isLive) {
        const dropped = out.dropOldest();
        if (dropped > 0) tell({ type: 'dropped', bytes: dropped });
      } else if (out.end() > out.sent()) {
        const end = out.end();
        await new Promise<void>((resolve, reject) => void sends.push({ end, resolve, reject }));
      }
    },
    update(change) {
      const refused = refusal();
      if (refused !== undefined) throw refused;
      asked = changed(asked, change);
      out.mark({ type: 'update', ...change });
      pump();
    },
    async finalize() {
      const refused = refusal();
      if (refused !== undefined) throw refused;
      const id = `f${String(++count)}`;
      out.mark({ type: 'finalize', id }, id);
      await new Promise<void>((resolve, reject) => {
        finalizes.set(id, { resolve, reject });
        pump();
      });
    },
    async end() {
      if (ended !== undefined) return ended;
      if (failure !== undefined) throw failure;
      isEnding = true;
      return new Promise<EndedEvent>((resolve, reject) => {
        ends.push({ resolve, reject });
        pump();
      });
    },
    abort() {
      finish(undefined);
      link.close();
    },
  };
}
