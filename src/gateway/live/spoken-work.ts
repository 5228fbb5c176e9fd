import type { LiveEar, SpeechChange, SpokenUtterance } from '../../audio/index.ts';
import type { LiveRequest, LiveView, LoadStep, Millis, OpenUtterance, Samples } from '../../core/index.ts';
import { millis, millisToSamples, pause, samples, samplesToMillis } from '../../core/index.ts';
import type { LiveHub } from './live-hub.ts';
import type { SessionTiming } from './live-metrics.ts';
import type { LiveParts } from './live-parts.ts';
import { earlyFinal } from './early-final.ts';
import { earlyJob, finalJob, partialJob, type UtteranceSound } from './utterance-jobs.ts';

/** What puts jobs for what is said in one session. Its calls follow each other; the session sees to that. */
export interface SpokenWork {
  /** Tells where speech begins and ends, and has what ended transcribed. */
  take(changes: readonly SpeechChange[]): Promise<void>;
  /** Has the utterance under way heard as far as it is stored, when it is time for that: now and then, and in every pause. */
  partial(end: Samples): Promise<void>;
  /** Nothing of the utterance is wanted: its final is no engine's to make. */
  clear(utterance: number): void;
  cleared(): ReadonlySet<number>;
  /**
   * Has everything heard that has ended and has no final, in case nobody else does.
   *
   * @param anew 0 puts the same jobs, which are none where they wait or were done. Another number, up to 99, puts others.
   */
  again(anew: number): Promise<void>;
  /** The last utterance that has begun; -1 before the first. */
  last(): number;
}

export interface SpokenWorkOf {
  readonly session: string;
  readonly tenant: string;
  readonly hub: LiveHub;
  readonly ear: LiveEar;
  readonly request: () => LiveRequest;
  readonly timing: SessionTiming;
  /** Aborts when the gateway gives up. */
  readonly signal: AbortSignal;
  /** Of a session that was begun elsewhere: the last utterance that has begun, and those that the client threw away. */
  readonly before: { readonly last: number; readonly cleared: readonly number[] };
}

/** Jobs anew that one gateway puts for an utterance, at most. */
const ANEW_A_GATEWAY = 100;
/** A queue without room is asked again this soon. */
const ASK_AGAIN = millis(100);

interface UnderWay {
  readonly utterance: number;
  readonly revision: number;
  readonly since: Millis;
  /** Of an early one: where the utterance ends if the pause is its end. */
  readonly to?: Samples;
}

export function spokenWork(of: SpokenWorkOf, { broker, clock, settings, load }: LiveParts): SpokenWork {
  const { session, tenant, hub, ear, request, timing, signal } = of;
  const unwanted = new Set(of.before.cleared);
  let underWay: UnderWay | undefined;
  let { last } = of.before;
  /** Up to where the last partial heard. */
  let cutAt = 0;

  const soundOf = (
    sound: Pick<UtteranceSound, 'utterance' | 'from' | 'to' | 'spans'>,
    { open, said }: LiveView,
  ): UtteranceSound => ({
    ...sound,
    session,
    tenant,
    request: request(),
    load: load(),
    said: said !== undefined && sound.from - said.to <= millisToSamples(settings.saidWithin) ? said.text : '',
    shown: open.find(({ utterance }) => utterance === sound.utterance),
  });

  async function begin({ utterance, at }: Extract<SpeechChange, { type: 'start' }>): Promise<void> {
    last = utterance;
    cutAt = at;
    timing.speechStart(utterance);
    await hub.append(() => [{ type: 'speech-start', utterance, at }]);
  }

  /** Nothing settles behind the end of speech, so what the job says of settled words is the last word on them. */
  async function finish({ utterance, from, to, at, spans }: Extract<SpeechChange, { type: 'end' }>): Promise<void> {
    const early = underWay?.utterance === utterance && underWay.to === to ? underWay : undefined;
    underWay = undefined;
    const isWanted = !unwanted.has(utterance);
    if (isWanted) timing.speechEnd(utterance, samplesToMillis(samples(at - to)));
    const now = await hub.append((view) => [
      { type: 'speech-end', utterance, to, at },
      ...(isWanted ? earlyFinal(view, utterance, to) : []),
    ]);
    if (!isWanted || now.nextFinal > utterance) return;
    const put = (): Promise<void> => putFinal(soundOf({ utterance, from, to, spans }, now));
    if (early === undefined || isTold(now, early)) await put();
    else putUnlessTold(early, put);
  }

  /** Finals are never shed: whoever speaks waits, and their sound with them. */
  async function putFinal(sound: UtteranceSound, anew = 0): Promise<void> {
    while ((await broker.jobs.put(finalJob(sound, anew))) === 'full') await pause(clock, ASK_AGAIN, signal);
  }

  /** The early one is on its way, and is the final when it comes; if it doesn't, there is another. */
  function putUnlessTold({ utterance, since }: UnderWay, put: () => Promise<void>): void {
    const left = millis(Math.max(0, since + settings.partialLost - clock.now()));
    void pause(clock, left, signal)
      .then(() => (hub.view().nextFinal > utterance ? undefined : put()))
      // The session is over, or the broker is: then nothing can be put.
      .catch(() => undefined);
  }

  /** Whether its text, or that it has none, was told. */
  const isTold = ({ open }: LiveView, { utterance, revision }: UnderWay): boolean =>
    (open.find((one) => one.utterance === utterance)?.revision ?? revision) >= revision;

  /** The first comes soon however busy the server is, the others with so much new sound. */
  function isTimeFor(
    end: Samples,
    { utterance, from }: SpokenUtterance,
    shown: OpenUtterance | undefined,
    step: LoadStep,
  ): boolean {
    if (underWay?.utterance !== utterance) return end - from >= millisToSamples(settings.firstPartial);
    return end - Math.max(cutAt, shown?.heard ?? 0) >= millisToSamples(newSoundFor(shown, step));
  }

  function newSoundFor(shown: OpenUtterance | undefined, step: LoadStep): Millis {
    if (step !== 'normal') return settings.slowPartialEvery;
    return shown?.text === '' ? settings.firstPartialAgain : settings.partialEvery;
  }

  /** One partial at a time: the next is cut when it has come back, so they come as often as the server can. */
  function isWaiting(view: LiveView): boolean {
    if (underWay === undefined || clock.now() - underWay.since > settings.partialLost) return false;
    const { utterance, revision } = underWay;
    const shown = view.open.find((one) => one.utterance === utterance);
    return shown !== undefined && shown.to === undefined && shown.revision < revision;
  }

  /** Whether what was said before the pause is being heard, or was. */
  function isHeard({ open }: LiveView, { utterance, to }: SpokenUtterance): boolean {
    if (underWay !== undefined && underWay.utterance === utterance && underWay.to === to) return true;
    return open.some((one) => one.utterance === utterance && one.heard === to && one.whole !== undefined);
  }

  return {
    async take(changes) {
      for (const change of changes) await (change.type === 'start' ? begin(change) : finish(change));
    },
    async partial(end) {
      const spoken = ear.open();
      const step = load();
      const view = hub.view();
      if (spoken === undefined || !request().partials || step === 'partials-none') return;
      const { utterance, from, spans, to } = spoken;
      const isPause = to !== undefined && request().turns.mode === 'vad';
      if (isPause ? isHeard(view, spoken) : isWaiting(view)) return;
      const shown = view.open.find((one) => one.utterance === utterance);
      if (!isPause) {
        if (!isTimeFor(end, spoken, shown, step)) return;
      }
      const before = underWay?.utterance === utterance ? underWay.revision : 0;
      const revision = Math.max(shown?.revision ?? 0, before) + 1;
      const sound = soundOf({ utterance, from, to: isPause ? to : end, spans }, view);
      const put = await broker.jobs.put(isPause ? earlyJob(sound, revision) : partialJob(sound, revision));
      timing.partial(put === 'full');
      if (put === 'full') return;
      cutAt = end;
      underWay = { utterance, revision, since: clock.now(), ...(isPause ? { to } : {}) };
    },
    async again(anew) {
      const view = hub.view();
      // Told apart from those of the gateways before.
      const own = anew === 0 ? 0 : view.epoch * ANEW_A_GATEWAY + anew;
      for (const { utterance, from, to } of view.open) {
        if (to === undefined || unwanted.has(utterance)) continue;
        // Where in it somebody speaks nobody knows any more. The same job again is none.
        const spans = [{ start: samples(0), end: samples(to - from) }];
        await putFinal(soundOf({ utterance, from, to, spans }, view), own);
      }
    },
    clear: (utterance) => void unwanted.add(utterance),
    cleared: () => unwanted,
    last: () => last,
  };
}
