import type { LiveAudioFormat, LiveEndReason, LiveRequest, LiveView, LoadStep, Samples } from '../../core/index.ts';
import {
  ScriptoriumError,
  asScriptoriumError,
  liveLedger,
  millis,
  millisToSamples,
  samples,
} from '../../core/index.ts';
import { gapLength } from './gap-length.ts';
import { inTurn } from './in-turn.ts';
import { clearedFinals, failedFinals } from './late-events.ts';
import { openLiveHub, type LiveHub } from './live-hub.ts';
import type { LiveMetrics } from './live-metrics.ts';
import type { LiveParts } from './live-parts.ts';
import { spokenWork } from './spoken-work.ts';

/** How much of a client's stream was taken in. */
export interface Received {
  readonly bytes: number;
  readonly samples: Samples;
}

/** What may change while a session goes on. */
export type LiveChange = Partial<Pick<LiveRequest, 'audio' | 'turns' | 'options' | 'model' | 'partials'>>;

/**
 * One live session in the gateway that takes its sound in: bytes become samples, samples are stored, speech is found in them, and
 * jobs are put for what was said. It holds no text: that is the event log's.
 *
 * ```
 * live ──finalize──▶ live     the utterance is ended; `finalized` follows its final
 *   │
 *   └──end──▶ ending ──all finals are there, or `finish` is over──▶ ended
 * ```
 *
 * Calls take effect in their order, one after the other.
 */
export interface LiveSession {
  readonly id: string;
  readonly tenant: string;
  readonly hub: LiveHub;
  request(): LiveRequest;
  received(): Received;
  /** The same, once all that was pushed before is taken in. */
  settled(): Promise<Received>;
  /**
   * Resolves when the sound is stored and what was said in it is on its way.
   *
   * @throws ScriptoriumError `audio-damaged`, `audio-format-unsupported`, `session-unknown`, `storage-*`.
   */
  push(bytes: Uint8Array): Promise<void>;
  /** So many bytes will never come. @throws ScriptoriumError `request-invalid` when that is no whole number of samples. */
  gap(bytes: number): Promise<void>;
  /** Ends the utterance under way; `finalized` of this id follows when all that was sent has its finals. */
  finalize(id: string): Promise<void>;
  /** Throws away what was said and not ended. */
  clear(): Promise<void>;
  /** @throws ScriptoriumError `request-invalid` when the audio format would change after audio was taken in. */
  update(change: LiveChange): Promise<void>;
  /** Tells that service is cut back, or whole again. */
  tellLoad(step: LoadStep): Promise<void>;
  /** A socket took the session up again. */
  resumed(): void;
  /** No more sound comes; resolves when `ended` is told. Idempotent. */
  end(reason: LiveEndReason): Promise<void>;
}

interface OpenLive {
  readonly id: string;
  readonly tenant: string;
  readonly request: LiveRequest;
  readonly view: LiveView;
}

interface WaitingFinalize {
  readonly id: string;
  readonly bytes: number;
  readonly at: Samples;
  /** The last utterance that must have its final. */
  readonly last: number;
}

/** Sound before the first that may still be asked for is kept so long. */
const KEPT_BEFORE = millisToSamples(millis(2000));

export async function openLiveSession(
  { id, tenant, request: asked, view }: OpenLive,
  parts: LiveParts,
  metrics: LiveMetrics,
): Promise<LiveSession> {
  const { broker, clock, settings } = parts;
  const log = parts.telemetry.log.with({ sessionId: id });
  const hub = openLiveHub(broker.live.events, id, view);
  const turn = inTurn();
  const ear = await parts.openEar(asked.turns);
  const closing = new AbortController();
  const timing = metrics.session(clock);
  let request = asked;
  let decoder = parts.openDecoder(request.audio);
  const work = spokenWork(
    { session: id, tenant, hub, ear, request: () => request, timing, signal: closing.signal },
    parts,
  );
  let bytes = 0;
  let end = samples(0);
  let gap = samples(0);
  let resumes = 0;
  let waiting: readonly WaitingFinalize[] = [];
  let ending: Promise<void> | undefined;
  let allFinal = (): void => {};

  async function store(pcm: Int16Array): Promise<void> {
    if (pcm.length === 0) return;
    await broker.audio.append(id, 0, end, pcm);
    end = samples(end + pcm.length);
    await work.take(await ear.push(pcm));
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
      const from = Math.min(ear.open()?.from ?? end, end) - KEPT_BEFORE;
      if (from > 0 && ending === undefined) await broker.audio.trim(id, 0, samples(from));
    }
    if (ending === undefined) await work.partial(end);
  }

  const forget = hub.listen(() => {
    timing.saw(hub.view());
    void turn(lookAround).catch((error: unknown) => {
      const { code, message: reason } = asScriptoriumError(error, 'storage-failed');
      log.warn('a live session could not go on from an event', { code, reason });
    });
  });

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
    forget();
    closing.abort();
    await broker.audio.drop(id);
  }

  await hub.append((now) => (now.seq === 0 ? [{ type: 'started' }] : []));

  return {
    id,
    tenant,
    hub,
    request: () => request,
    received: () => ({ bytes, samples: end }),
    settled: () => turn(async () => ({ bytes, samples: end })),
    push: (chunk) =>
      turn(async () => {
        if (ending !== undefined) return;
        const pcm = await decoder.push(chunk);
        bytes += chunk.length;
        await store(pcm);
        await work.partial(end);
      }),
    gap: (count) =>
      turn(async () => {
        const length = gapLength(count, request.audio);
        await broker.audio.append(id, 0, end, new Int16Array(length));
        end = samples(end + length);
        gap = samples(gap + length);
        bytes += count;
        await work.take(await ear.gap(length));
      }),
    finalize: (name) =>
      turn(async () => {
        await work.take(await ear.cut());
        waiting = [...waiting, { id: name, bytes, at: end, last: work.last() }];
        await lookAround();
      }),
    clear: () =>
      turn(async () => {
        const spoken = ear.open();
        if (spoken !== undefined) work.clear(spoken.utterance);
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
  };
}

const isSameFormat = (a: LiveAudioFormat, b: LiveAudioFormat): boolean =>
  a.encoding === b.encoding && a.sampleRate === b.sampleRate && a.channels === b.channels;
