import type { LiveEndReason, LiveRecord, LoadStep, Millis, Versioned } from '../../core/index.ts';
import { LIVE_VERSION, NEW_LIVE_VIEW, ScriptoriumError, millis, pause, samples } from '../../core/index.ts';
import { refuseWhileGone } from '../access/admission.ts';
import { newId } from '../new-id.ts';
import type { LiveLoad } from './live-load.ts';
import { LIVE_RETRY_AFTER } from './live-load.ts';
import type { LiveMetrics } from './live-metrics.ts';
import type { LiveParts } from './live-parts.ts';
import { lengthInBytes } from './gap-length.ts';
import { openLiveHub } from './live-hub.ts';
import { keepEnded, recordFor, unknownSession } from './live-records.ts';
import { canResume, type LiveSession } from './live-session.ts';
import type { Attachment, LiveSessions, Lost } from './live-sessions.ts';
import { openLiveSession } from './open-live-session.ts';
import { leftAlready, readBehind, takeOver } from './take-over.ts';
import { hashOf, isHashOf } from './token-hash.ts';

interface Held {
  readonly session: LiveSession;
  /** Its last event is told; it is here only for a client that has not seen it. */
  isEnded: boolean;
  readonly resumeHash: string;
  readonly viewHash: string | undefined;
  readonly viewToken: string;
  /** Undefined while no socket has it. */
  lost: Lost | undefined;
  forgetResume: () => void;
  forgetLongest: () => void;
}

const TOKEN_BYTES = 24;
/** A process that was held up reads what came meanwhile, and within so long that its sender is gone. */
const NOTICE = millis(10);

export interface LiveSessionsParts extends LiveParts {
  readonly random: (bytes: number) => Uint8Array;
  readonly liveLoad: LiveLoad;
  readonly metrics: LiveMetrics;
}

export function createLiveSessions(parts: LiveSessionsParts): LiveSessions {
  const { broker, clock, settings, random, liveLoad, metrics } = parts;
  const held = new Map<string, Held>();
  const takingOver = new Map<string, Promise<Held>>();
  let opening = 0;
  let isDraining = false;
  let told: LoadStep = 'normal';

  const underWay = (): readonly Held[] => [...held.values()].filter(({ isEnded }) => !isEnded);
  const token = (): string => Buffer.from(random(TOKEN_BYTES)).toString('base64url');

  function refuseWhenDraining(): void {
    if (isDraining) throw new ScriptoriumError('server-draining', 'The server is stopping; go on at another.');
  }

  function refuseWhenFull(): void {
    refuseWhenDraining();
    refuseWhileGone(broker);
    const isFull = underWay().length + opening >= settings.sessions;
    if (!isFull && !liveLoad.isFull()) return;
    metrics.refused();
    const why = isFull
      ? `${settings.sessions} sessions are under way, as many as there may be`
      : 'the server is as busy as it can be';
    throw new ScriptoriumError('server-busy', `No new session now: ${why}.`, {
      details: { retryAfter: LIVE_RETRY_AFTER / 1000 },
    });
  }

  /** Each step of the ladder is told to everybody. */
  function tellLoad(): void {
    const step = liveLoad.step();
    if (step === told) return;
    told = step;
    for (const { session } of underWay()) void session.tellLoad(step).catch(() => undefined);
  }

  async function end(one: Held, reason: LiveEndReason): Promise<void> {
    const { session } = one;
    one.forgetResume();
    one.forgetLongest();
    try {
      await session.end(reason);
      const { id, hub } = session;
      await keepEnded(broker, id, () => readBehind(broker.live.events, id, hub.view()), settings.kept);
    } finally {
      one.isEnded = true;
      one.forgetResume();
      if (held.get(session.id) === one) {
        one.forgetResume = clock.after(settings.resume, () => held.delete(session.id));
      }
      if (underWay().length === 0) liveLoad.forget();
      await session.hub.close();
    }
  }

  /** Another gateway has it: whoever speaks for it here is told. */
  function forgetMoved(id: string): void {
    const one = held.get(id);
    if (one === undefined) return;
    held.delete(id);
    one.forgetResume();
    one.forgetLongest();
    one.lost?.(new ScriptoriumError('session-superseded', 'another connection has taken the session over'));
    one.lost = undefined;
    one.isEnded = true;
    void one.session.letGo().catch(() => undefined);
  }

  function hold(
    session: LiveSession,
    facts: Pick<Held, 'resumeHash' | 'viewHash' | 'viewToken'>,
    createdAt: Millis,
  ): Held {
    const one: Held = {
      session,
      isEnded: session.hub.view().ended,
      ...facts,
      lost: undefined,
      forgetResume() {},
      forgetLongest() {},
    };
    held.set(session.id, one);
    if (one.isEnded) {
      one.forgetResume = clock.after(settings.resume, () => {
        held.delete(session.id);
        void session.letGo().catch(() => undefined);
      });
      return one;
    }
    const left = millis(Math.max(0, createdAt + settings.longest - broker.now()));
    one.forgetLongest = clock.after(left, () => endQuietly(one, 'too-long'));
    awaitReturn(one);
    session.hub.listen(tellLoad);
    return one;
  }

  /** Nobody is attached: ended when that stays so. */
  function awaitReturn(one: Held): void {
    one.forgetResume = clock.after(settings.resume, () => endQuietly(one, 'disconnected'));
  }

  /** Of a gateway that is gone, or that its client can't reach any more. */
  async function takeOverFrom({ id, tenant, record }: Versioned<LiveRecord>, gone: AbortSignal): Promise<Held> {
    refuseWhenFull();
    opening++;
    try {
      const { encoding } = record.request.audio;
      if (lengthInBytes(samples(0), record.request.audio) === undefined && !record.view.ended) {
        const why = `${encoding} can't be gone on with from the middle`;
        throw new ScriptoriumError('session-unknown', `The session was lost with its server: ${why}.`);
      }
      const start = await takeOver(broker, id, gone);
      const session = await openLiveSession({ id, tenant, start, onMoved: () => forgetMoved(id) }, parts, metrics);
      const { resumeHash, viewHash } = record;
      return hold(session, { resumeHash, viewHash, viewToken: '' }, record.createdAt);
    } finally {
      opening--;
    }
  }

  /** Here, or taken over to be here. */
  async function found(tenant: string, id: string, given: string, gone: AbortSignal): Promise<Held> {
    const here = held.get(id);
    if (here !== undefined) {
      if (!isHashOf(here.resumeHash, given) || here.session.tenant !== tenant) throw unknownSession();
      // Its client may come from another gateway, which took it while the news of that were lost; then it is not held here any more.
      if (here.isEnded || (await here.session.hub.isCurrent())) {
        here.session.resumed();
        return here;
      }
    }
    const there = await recordFor(broker, id, given, ({ resumeHash }) => resumeHash);
    if (there.tenant !== tenant) throw unknownSession();
    const begun = takingOver.get(id);
    if (begun !== undefined) {
      // It is given up when its own client goes.
      const taken = await begun.catch(() => undefined);
      if (taken === undefined && gone.aborted) throw leftAlready();
      return taken ?? found(tenant, id, given, gone);
    }
    const taking = takeOverFrom(there, gone).finally(() => takingOver.delete(id));
    takingOver.set(id, taking);
    return taking;
  }

  function endQuietly(one: Held, reason: LiveEndReason): void {
    void end(one, reason).catch((error: unknown) => {
      parts.telemetry.log.error('a live session could not be ended', {
        sessionId: one.session.id,
        reason: error instanceof Error ? error.message : String(error),
      });
    });
  }

  function attach(one: Held, resumeToken: string, lost: Lost): Attachment {
    if (!one.isEnded) one.forgetResume();
    one.lost?.(new ScriptoriumError('session-superseded', 'another connection has taken the session over'));
    one.lost = lost;
    const { session, viewToken } = one;
    return {
      session,
      resumeToken,
      viewToken,
      detach() {
        if (one.lost !== lost) return;
        one.lost = undefined;
        if (one.isEnded) return;
        if (!canResume(session)) {
          endQuietly(one, 'disconnected');
          return;
        }
        awaitReturn(one);
      },
      end: (reason) => end(one, reason),
    };
  }

  async function leaveAll(): Promise<void> {
    const all = [...held.values()];
    held.clear();
    for (const { forgetResume, forgetLongest } of all) {
      forgetResume();
      forgetLongest();
    }
    await Promise.all(all.map(({ session }) => session.letGo().catch(() => undefined)));
  }

  return {
    async start(tenant, request, lost) {
      refuseWhenFull();
      opening++;
      try {
        const id = newId('live', broker.now(), random);
        const [resumeToken, viewToken] = [token(), token()];
        const facts = { resumeHash: hashOf(resumeToken), viewHash: hashOf(viewToken) };
        const createdAt = broker.now();
        const record: LiveRecord = {
          v: LIVE_VERSION,
          request,
          createdAt,
          ...facts,
          view: NEW_LIVE_VIEW,
          held: [],
          carry: { gap: samples(0), finalizing: [], cleared: [], aliveAt: createdAt },
        };
        await broker.live.sessions.create(id, tenant, record);
        const start = { request, view: NEW_LIVE_VIEW };
        const session = await openLiveSession({ id, tenant, start, onMoved: () => forgetMoved(id) }, parts, metrics);
        const one = hold(session, { ...facts, viewToken }, createdAt);
        if (told !== 'normal') await session.tellLoad(told);
        return attach(one, resumeToken, lost);
      } finally {
        opening--;
      }
    },
    async resume(tenant, id, given, lost, gone) {
      await pause(clock, NOTICE, gone).catch(() => undefined);
      if (gone.aborted) throw leftAlready();
      for (;;) {
        refuseWhenDraining();
        const one = await found(tenant, id, given, gone);
        if (gone.aborted) throw leftAlready();
        refuseWhenDraining();
        if (held.get(id) === one) {
          metrics.resumed();
          return attach(one, given, lost);
        }
      }
    },
    async watch(id, given) {
      refuseWhenDraining();
      const { record } = await recordFor(broker, id, given, ({ viewHash }) => viewHash);
      const here = held.get(id)?.session;
      if (here !== undefined) {
        const { hub } = here;
        return { id, hub, request: () => here.request(), bytes: () => here.received().bytes, leave: async () => {} };
      }
      const hub = openLiveHub(broker.live.events, id, await readBehind(broker.live.events, id, record.view));
      return { id, hub, request: () => record.request, bytes: () => 0, leave: () => hub.close() };
    },
    find: (id) => broker.live.sessions.read(id),
    counts() {
      const attached = underWay().filter(({ lost }) => lost !== undefined).length;
      return { attached, detached: underWay().length - attached };
    },
    drain() {
      isDraining = true;
    },
    async endFinal() {
      isDraining = true;
      const lasting = underWay().filter(({ session }) => !canResume(session));
      await Promise.all(lasting.map((one) => end(one, 'disconnected').catch(() => undefined)));
    },
    async letGo() {
      isDraining = true;
      await leaveAll();
    },
  };
}
