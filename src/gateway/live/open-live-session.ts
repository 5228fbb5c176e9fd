import type { LiveEndReason, LiveView, PendingFinalize, Samples } from '../../core/index.ts';
import {
  ScriptoriumError,
  asScriptoriumError,
  liveLedger,
  millis,
  millisToSamples,
  samples,
} from '../../core/index.ts';
import { gapLength, isSameFormat, lengthInBytes } from './gap-length.ts';
import { inTurn } from './in-turn.ts';
import { clearedFinals, failedFinals } from './late-events.ts';
import { keepState } from './keep-state.ts';
import { openLiveHub } from './live-hub.ts';
import { lookAfterFinals } from './look-after-finals.ts';
import type { LiveMetrics } from './live-metrics.ts';
import type { LiveParts } from './live-parts.ts';
import type { LiveSession, OpenLive, Received } from './live-session.ts';
import { spokenWork } from './spoken-work.ts';
import { KEPT_BEHIND, type TakenOver } from './take-over.ts';

/** Samples that are heard at once. */
const HEARD_AT_ONCE = millisToSamples(millis(10_000));

/** Opens a new session, or goes on with one that was begun elsewhere. @throws ScriptoriumError as stores and ear do. */
export async function openLiveSession(
  { id, tenant, start, onMoved }: OpenLive,
  parts: LiveParts,
  metrics: LiveMetrics,
): Promise<LiveSession> {
  const { broker, clock, settings } = parts;
  const log = parts.telemetry.log.with({ sessionId: id });
  const { view, before, carry } = start;
  const hub = openLiveHub(broker.live.events, id, view);
  const turn = inTurn();
  const ear = await parts.openEar(start.request.turns, before);
  const closing = new AbortController();
  const timing = metrics.session(clock);
  let { request } = start;
  let decoder = parts.openDecoder(request.audio);
  let isMoreTold = false;
  const work = spokenWork(
    {
      session: id,
      tenant,
      hub,
      ear,
      request: () => request,
      timing,
      signal: closing.signal,
      before: { last: (before?.next ?? 0) - 1, cleared: carry?.cleared ?? [] },
    },
    parts,
  );
  let bytes = start.bytes ?? 0;
  let end = start.end ?? samples(0);
  let gap = carry?.gap ?? samples(0);
  let resumes = view.epoch;
  let waiting: readonly PendingFinalize[] = carry?.finalizing ?? [];
  let ending: Promise<void> | undefined = view.ended ? Promise.resolve() : undefined;
  let allFinal = (): void => {};
  const kept = keepState(
    id,
    () => ({ request, carry: { gap, finalizing: waiting, cleared: [...work.cleared()] } }),
    parts,
  );
  let isGone = false;

  async function hear(pcm: Int16Array): Promise<void> {
    const { words, settled } = hub.view().open.at(-1) ?? { words: [], settled: 0 };
    const last = words[settled - 1];
    if (last !== undefined) ear.settled(millisToSamples(last.end));
    await work.take(await ear.push(pcm));
  }

  async function store(pcm: Int16Array): Promise<void> {
    if (pcm.length === 0) return;
    await broker.audio.append(id, 0, end, pcm);
    end = samples(end + pcm.length);
    await hear(pcm);
  }

  /** Silence stands for what never came. */
  async function skip(length: Samples): Promise<void> {
    const to = end + length;
    while (end < to) {
      const silence = new Int16Array(Math.min(to - end, HEARD_AT_ONCE));
      await broker.audio.append(id, 0, end, silence);
      end = samples(end + silence.length);
    }
  }

  /** Once: nobody hears what is behind the end of a stream that says where that is. */
  async function tellMore(): Promise<void> {
    if (isMoreTold || !decoder.hasMore()) return;
    isMoreTold = true;
    const message = 'The stream goes on behind its end: that is not heard. Begin a session for each recording.';
    await hub.append(() => [{ type: 'warning', code: 'audio-damaged', message }]);
  }

  /** What follows from events that others wrote. */
  async function lookAround(): Promise<void> {
    await hub.append((now) => clearedFinals(now, work.cleared(), end));
    while (waiting[0] !== undefined && hub.view().nextFinal > waiting[0].last) {
      const [first, ...rest] = waiting;
      waiting = rest;
      await hub.append(() => [{ type: 'finalized', ...first }]);
    }
    if (hub.view().open.length === 0) {
      allFinal();
      const from = Math.min(ear.open()?.from ?? end, end) - KEPT_BEHIND;
      if (from > 0 && ending === undefined) await broker.audio.trim(id, 0, samples(from));
    }
    if (ending === undefined) await work.partial(end);
  }

  const forget = hub.listen(() => {
    if (hub.view().epoch !== view.epoch) {
      leave();
      onMoved();
      return;
    }
    timing.saw(hub.view());
    void turn(lookAround).catch((error: unknown) => {
      const { code, message: reason } = asScriptoriumError(error, 'storage-failed');
      log.warn('a live session could not go on from an event', { code, reason });
    });
  });

  const stopLooking = lookAfterFinals(
    clock,
    settings.finalLost,
    () => hub.view(),
    (anew) => {
      void turn(() => work.again(anew)).catch((error: unknown) => {
        const { code, message: reason } = asScriptoriumError(error, 'storage-failed');
        log.warn('finals that may be lost could not be put again', { code, reason });
      });
    },
  );

  /** Nothing more is written. */
  function leave(): void {
    isGone = true;
    stopLooking();
    kept.stop();
    forget();
    closing.abort();
    allFinal();
  }

  function refuseGone(): void {
    if (isGone) throw new ScriptoriumError('session-superseded', 'another server has taken the session over');
  }

  /** Whether its end is asked for, after which nothing that a client sends matters. */
  function isTooLate(): boolean {
    if (ending === undefined) refuseGone();
    return ending !== undefined;
  }

  /** What was stored elsewhere is heard as far as nobody told of it. */
  async function hearAgain({ position }: NonNullable<TakenOver['before']>): Promise<void> {
    for (let from: number = position; from < end; from += HEARD_AT_ONCE) {
      const to = samples(Math.min(end, from + HEARD_AT_ONCE));
      await hear(await broker.audio.range({ session: id, channel: 0, from: samples(from), to }));
    }
    await work.again(0);
    await lookAround();
  }

  async function takeLast(): Promise<void> {
    // A stream that breaks off in the middle of a packet has said all that it will.
    await store(await decoder.end().catch(() => new Int16Array(0)));
    await work.take(await ear.cut());
    await decoder.close();
  }

  async function endNow(reason: LiveEndReason): Promise<void> {
    const whole = new Promise<void>((resolve) => {
      allFinal = resolve;
    });
    await turn(takeLast);
    await turn(lookAround);
    const giveUp = clock.after(settings.finish, () => allFinal());
    await whole;
    giveUp();
    refuseGone();
    await turn(async () => {
      const late = waiting;
      waiting = [];
      const ledger = (now: LiveView) => liveLedger(now, end, gap);
      await hub.append((now) => failedFinals(now, end));
      const last = await hub.append((now) => [
        ...late.map((one) => ({ type: 'finalized', ...one }) as const),
        { type: 'ended', reason, ledger: ledger(now), figures: { ...now.figures, resumes } },
      ]);
      metrics.ended(reason, ledger(last));
      log.info('live session ended', { reason, seconds: Math.round(end / 16) / 1000, finals: last.figures.finals });
    });
    leave();
    await broker.audio.drop(id);
  }

  const received = (): Received => ({
    bytes,
    safe: Math.min(bytes, lengthInBytes(end, request.audio) ?? bytes),
    samples: end,
  });

  if (view.ended) leave();
  else {
    await hub.append((now) => (now.seq === 0 ? [{ type: 'started' }] : []));
    if (before !== undefined) await turn(() => hearAgain(before));
  }

  return {
    id,
    tenant,
    hub,
    request: () => request,
    received,
    settled: () => turn(async () => received()),
    push: (chunk) =>
      turn(async () => {
        if (isTooLate()) return;
        const pcm = await decoder.push(chunk);
        bytes += chunk.length;
        await store(pcm);
        await tellMore();
        await work.partial(end);
      }),
    gap: (count) =>
      turn(async () => {
        if (isTooLate()) return;
        const length = gapLength(count, request.audio);
        if (end + length > millisToSamples(settings.longest)) {
          throw new ScriptoriumError('request-invalid', `a gap of ${count} bytes is longer than a session may be`);
        }
        await skip(length);
        gap = samples(gap + length);
        bytes += count;
        await kept.save();
        await work.take(await ear.gap(length));
      }),
    finalize: (name) =>
      turn(async () => {
        // One that comes before the last final is answered with it.
        if (hub.view().ended) return;
        refuseGone();
        await work.take(await ear.cut());
        // Of one that is asked for again, the answer is on its way.
        if (!waiting.some((one) => one.id === name)) {
          waiting = [...waiting, { id: name, bytes, at: end, last: work.last() }];
          await kept.save();
        }
        await lookAround();
      }),
    clear: () =>
      turn(async () => {
        if (isTooLate()) return;
        const spoken = ear.open();
        if (spoken !== undefined) {
          work.clear(spoken.utterance);
          await kept.save();
        }
        await work.take(await ear.cut());
        await lookAround();
      }),
    update: (change) =>
      turn(async () => {
        const { audio } = change;
        const isNew = audio !== undefined && !isSameFormat(audio, request.audio);
        if (isNew && bytes > 0) {
          throw new ScriptoriumError('request-invalid', 'the audio format can change only before the first audio');
        }
        request = { ...request, ...change };
        ear.update(request.turns);
        await kept.save();
        if (!isNew) return;
        await decoder.close();
        decoder = parts.openDecoder(request.audio);
      }),
    tellLoad: (step) =>
      turn(async () => {
        if (ending === undefined) await hub.append(() => [{ type: 'load', step }]);
      }),
    resumed: () => void resumes++,
    end: (reason) => (ending ??= endNow(reason)),
    async letGo() {
      await turn(async () => {
        if (!isGone) await kept.save();
        leave();
        await decoder.close();
      });
      await hub.close();
    },
  };
}
