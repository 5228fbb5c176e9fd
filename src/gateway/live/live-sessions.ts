import { createHash, timingSafeEqual } from 'node:crypto';
import type { LiveEndReason, LiveRecord, LiveRequest, LoadStep, Versioned } from '../../core/index.ts';
import { LIVE_VERSION, NEW_LIVE_VIEW, ScriptoriumError, samples } from '../../core/index.ts';
import { newId } from '../new-id.ts';
import type { LiveLoad } from './live-load.ts';
import { LIVE_RETRY_AFTER } from './live-load.ts';
import type { LiveMetrics } from './live-metrics.ts';
import type { LiveParts } from './live-parts.ts';
import { openLiveSession, type LiveSession } from './live-session.ts';

/** A session that a socket has. */
export interface Attachment {
  readonly session: LiveSession;
  readonly resumeToken: string;
  readonly viewToken: string;
  /** The socket is gone; the session waits for another. Does nothing once another has it. */
  detach(): void;
  /** Resolves when the last event is told. */
  end(reason: LiveEndReason): Promise<void>;
}

/** The live sessions of this gateway, with or without a socket. */
export interface LiveSessions {
  /** @throws ScriptoriumError `server-busy`, `server-draining`; what opening a session throws. */
  start(tenant: string, request: LiveRequest, lost: Lost): Promise<Attachment>;
  /**
   * Takes a session up again; a socket that still has it loses it.
   *
   * @throws ScriptoriumError `session-unknown` when there is none, its time is over, or the token is another's.
   */
  resume(tenant: string, id: string, token: string, lost: Lost): Attachment;
  /** To watch only. @throws ScriptoriumError as `resume`. */
  watch(id: string, token: string): LiveSession;
  /** Of any session that is still kept. */
  find(id: string): Promise<Versioned<LiveRecord> | undefined>;
  counts(): { readonly attached: number; readonly detached: number };
  /** No more sessions are begun; whoever has one is told. */
  drain(): void;
  /** Ends what is left, and resolves when it has ended. */
  close(): Promise<void>;
}

/** Told that the socket does not have its session any more, and why. */
export type Lost = (error: ScriptoriumError) => void;

interface Held {
  readonly session: LiveSession;
  /** Its last event is told; it is here only for a client that has not seen it. */
  isEnded: boolean;
  readonly resumeToken: string;
  readonly viewToken: string;
  /** Undefined while no socket has it. */
  lost: Lost | undefined;
  forgetResume: () => void;
  forgetLongest: () => void;
}

const TOKEN_BYTES = 24;

export interface LiveSessionsParts extends LiveParts {
  readonly random: (bytes: number) => Uint8Array;
  readonly liveLoad: LiveLoad;
  readonly metrics: LiveMetrics;
}

export function createLiveSessions(parts: LiveSessionsParts): LiveSessions {
  const { broker, clock, settings, random, liveLoad, metrics } = parts;
  const held = new Map<string, Held>();
  let opening = 0;
  let isDraining = false;
  let told: LoadStep = 'normal';

  const underWay = (): readonly Held[] => [...held.values()].filter(({ isEnded }) => !isEnded);
  const token = (): string => Buffer.from(random(TOKEN_BYTES)).toString('base64url');

  function refuseWhenFull(): void {
    if (isDraining) throw new ScriptoriumError('server-draining', 'The server is stopping; go on at another.');
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
      await keep(session.id);
    } finally {
      one.isEnded = true;
      one.forgetResume();
      one.forgetResume = clock.after(settings.resume, () => held.delete(session.id));
      if (underWay().length === 0) liveLoad.forget();
      await session.hub.close();
    }
  }

  /** From now on the record has its time to live. */
  async function keep(id: string): Promise<void> {
    for (;;) {
      const found = await broker.live.sessions.read(id);
      if (found === undefined) return;
      if ((await broker.live.sessions.save(id, found.version, found.record, settings.kept)) !== 'conflict') return;
    }
  }

  function endQuietly(one: Held, reason: LiveEndReason): void {
    void end(one, reason).catch((error: unknown) => {
      parts.telemetry.log.error('a live session could not be ended', {
        sessionId: one.session.id,
        reason: error instanceof Error ? error.message : String(error),
      });
    });
  }

  function attach(one: Held, lost: Lost): Attachment {
    if (!one.isEnded) one.forgetResume();
    one.lost?.(new ScriptoriumError('session-superseded', 'another connection has taken the session over'));
    one.lost = lost;
    const { session, resumeToken, viewToken } = one;
    return {
      session,
      resumeToken,
      viewToken,
      detach() {
        if (one.lost !== lost) return;
        one.lost = undefined;
        if (one.isEnded) return;
        // Its protocol has no way to come back.
        if (session.request().dialect === 'realtime') {
          endQuietly(one, 'disconnected');
          return;
        }
        one.forgetResume = clock.after(settings.resume, () => endQuietly(one, 'disconnected'));
      },
      end: (reason) => end(one, reason),
    };
  }

  function known(id: string, given: string, pick: (one: Held) => string): Held {
    const one = held.get(id);
    if (one === undefined || !isSame(given, pick(one))) {
      throw new ScriptoriumError('session-unknown', 'There is no such session here, or the token is not its own.');
    }
    return one;
  }

  return {
    async start(tenant, request, lost) {
      refuseWhenFull();
      opening++;
      try {
        const id = newId('live', broker.now(), random);
        const [resumeToken, viewToken] = [token(), token()];
        const record: LiveRecord = {
          v: LIVE_VERSION,
          request,
          createdAt: broker.now(),
          resumeHash: hashOf(resumeToken),
          viewHash: hashOf(viewToken),
          view: NEW_LIVE_VIEW,
          held: [],
          received: { bytes: 0, samples: samples(0) },
        };
        await broker.live.sessions.create(id, tenant, record);
        const session = await openLiveSession({ id, tenant, request, view: NEW_LIVE_VIEW }, parts, metrics);
        const one: Held = {
          session,
          isEnded: false,
          resumeToken,
          viewToken,
          lost: undefined,
          forgetResume() {},
          forgetLongest() {},
        };
        held.set(id, one);
        one.forgetLongest = clock.after(settings.longest, () => endQuietly(one, 'too-long'));
        session.hub.listen(tellLoad);
        if (told !== 'normal') await session.tellLoad(told);
        return attach(one, lost);
      } finally {
        opening--;
      }
    },
    resume(tenant, id, given, lost) {
      const one = known(id, given, ({ resumeToken }) => resumeToken);
      if (one.session.tenant !== tenant) {
        throw new ScriptoriumError('session-unknown', 'There is no such session of this key.');
      }
      one.session.resumed();
      metrics.resumed();
      return attach(one, lost);
    },
    watch: (id, given) => known(id, given, ({ viewToken }) => viewToken).session,
    find: (id) => broker.live.sessions.read(id),
    counts() {
      const attached = underWay().filter(({ lost }) => lost !== undefined).length;
      return { attached, detached: underWay().length - attached };
    },
    drain() {
      isDraining = true;
    },
    async close() {
      isDraining = true;
      await Promise.all(underWay().map((one) => end(one, 'disconnected').catch(() => undefined)));
      for (const { forgetResume } of held.values()) forgetResume();
      held.clear();
    },
  };
}

/** What a record keeps of a secret. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(hashOf(a), 'hex'), Buffer.from(hashOf(b), 'hex'));
