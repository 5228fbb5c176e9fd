import type { LiveEndReason, LiveEvent, LiveRequest, LoggedEvent } from '../../core/index.ts';
import { ScriptoriumError, millis } from '../../core/index.ts';
import type { Caller } from '../access/key-ring.ts';
import type { Limiter } from '../access/limiter.ts';
import { tellable } from '../http/failure.ts';
import type { GatewayParts } from '../parts.ts';
import type { DialectInput, LiveCommand, LiveFacts } from './dialect.ts';
import { pumpEvents } from './event-pump.ts';
import { frameBytes } from './gap-length.ts';
import { recordFor, unknownSession } from './live-records.ts';
import { liveRequest } from './live-request.ts';
import { liveQuota } from './live-quota.ts';
import type { LiveSession } from './live-session.ts';
import type { Attachment, LiveSessions, Watched } from './live-sessions.ts';
import type { LiveSettings } from './live-settings.ts';

export interface ConnectionParts extends Pick<GatewayParts, 'broker' | 'clock' | 'decode' | 'models'> {
  readonly sessions: LiveSessions;
  readonly settings: LiveSettings;
  readonly limiter: Pick<Limiter, 'admit' | 'resume'>;
  readonly caller: Caller;
  readonly dialect: LiveRequest['dialect'];
}

/** What a connection tells its socket. */
interface Ears {
  readonly tell: (input: DialectInput) => Promise<void>;
  readonly give: (logged: LoggedEvent<LiveEvent>) => Promise<void>;
  /** Aborts when the socket is closed. */
  readonly gone: AbortSignal;
}

/**
 * Does what a dialect says with the session of one socket.
 *
 * ```
 * none ──start, resume──▶ attached ──end──▶ attached, ending     the socket is closed behind `ended`
 *   └──watch──▶ watching       └──another socket resumes──▶ superseded
 * ```
 */
export interface LiveConnection {
  /** Never throws: what fails is told. */
  run(command: LiveCommand): Promise<void>;
  watches(): boolean;
  endSoon(reason: LiveEndReason): void;
  /** The socket is closed. Resolves when nothing of it goes on. */
  leave(): Promise<void>;
}

/** Bytes that may be under way, where a second has no fixed number of them. */
const PACKED_AHEAD_BYTES = 320_000;
/** A client is told how far it is at the latest after this part of what it may send. */
const TELL_AFTER = 0.25;

export function liveConnection(parts: ConnectionParts, { tell, give, gone }: Ears): LiveConnection {
  const { broker, clock, sessions, settings, caller, limiter } = parts;
  const { tenant } = caller;
  const quota = liveQuota(caller, limiter);
  let attached: Attachment | undefined;
  let watched: Watched | undefined;
  let pumping: Promise<void> = Promise.resolve();
  let toldBytes = 0;
  let toldAt = clock.now();

  function pump({ hub }: Pick<LiveSession, 'hub'>, after: number): void {
    // A log that can't be read any more ends the connection as a broken socket would.
    pumping = pumpEvents(hub, after, gone, give).catch((error: unknown) => fail(error));
  }
  const fail = (error: unknown): Promise<void> => {
    const told = tellable(error);
    const { retryAfter } = told.details;
    return tell({
      type: 'failed',
      error: told,
      ...(typeof retryAfter === 'number' ? { retryAfter: millis(retryAfter * 1000) } : {}),
    });
  };
  const lost = (error: ScriptoriumError): void => {
    attached = undefined;
    void fail(error);
  };

  function theirs(): Attachment {
    if (attached !== undefined) return attached;
    throw new ScriptoriumError('session-unknown', 'This connection has no session.');
  }

  const factsOf = (session: Pick<LiveSession, 'id' | 'request'>, resumeToken: string, viewToken: string): LiveFacts => {
    const { model, audio, turns, options, words, continues } = session.request();
    const { frameBytes: message, ahead, replay, idle, resume, longest } = settings;
    return {
      session: session.id,
      resumeToken,
      viewToken,
      model,
      audio,
      turns,
      language: options.language,
      prompt: options.prompt,
      keywords: options.keywords ?? [],
      words: words ?? true,
      continues,
      expiresAt: millis(broker.now() + longest),
      limits: { frameBytes: message, ahead, replay, idle, resume, longest },
    };
  };

  /** By the log, wherever the session is; only whoever has its token learns how far that is. */
  async function refuseVain({ session, token, after }: Extract<LiveCommand, { type: 'resume' }>): Promise<void> {
    if (after === 0) return;
    const found = await recordFor(broker, session, token, ({ resumeHash }) => resumeHash);
    if (found.tenant !== tenant) throw unknownSession();
    const told = await broker.live.events.read(session, after - 1, 1);
    if (told.length === 0) throw notYet(after);
  }

  function credit(): number {
    const { audio } = theirs().session.request();
    const frame = frameBytes(audio);
    return frame === undefined ? PACKED_AHEAD_BYTES : Math.ceil((frame * audio.sampleRate * settings.ahead) / 1000);
  }

  async function acknowledge(isDue: boolean): Promise<void> {
    if (attached === undefined) return;
    const { bytes, safe } = attached.session.received();
    const most = credit();
    if (!isDue && bytes - toldBytes < most * TELL_AFTER && clock.now() - toldAt < settings.acknowledge) return;
    toldBytes = bytes;
    toldAt = clock.now();
    await tell({ type: 'ack', received: bytes, safe, credit: most });
  }

  async function pushed(session: LiveSession, bytes: Uint8Array): Promise<void> {
    quota.refuseSpent();
    await session.push(bytes);
    quota.count(session);
    await acknowledge(false);
  }

  async function perform(command: LiveCommand): Promise<void> {
    switch (command.type) {
      case 'start': {
        const request = await liveRequest(command.asked, undefined, parts.dialect, parts);
        quota.begin();
        attached = await sessions.start(tenant, request, lost);
        const { session, resumeToken, viewToken } = attached;
        await tell({ type: 'started', facts: factsOf(session, resumeToken, viewToken) });
        pump(session, 0);
        return acknowledge(true);
      }
      case 'resume': {
        // Before the session is taken from a socket that has it.
        await refuseVain(command);
        attached = await sessions.resume(tenant, command.session, command.token, lost, gone);
        const { session, resumeToken, viewToken } = attached;
        // The socket that had it before may have left sound on its way.
        const { bytes } = await session.settled();
        quota.goOn(session);
        toldBytes = bytes;
        const after = toldFrom(session, command.after);
        await tell({
          type: 'resumed',
          facts: factsOf(session, resumeToken, viewToken),
          received: bytes,
          after,
        });
        pump(session, after);
        return acknowledge(true);
      }
      case 'watch': {
        watched = await sessions.watch(command.session, command.token);
        await refuseFuture(watched, command.after);
        const after = toldFrom(watched, command.after);
        await tell({
          type: 'resumed',
          facts: factsOf(watched, '', command.token),
          received: watched.bytes(),
          after,
        });
        return pump(watched, after);
      }
      case 'audio':
        return pushed(theirs().session, command.bytes);
      case 'gap':
        await theirs().session.gap(command.bytes);
        return acknowledge(true);
      case 'finalize':
        return theirs().session.finalize(command.id);
      case 'clear':
        return theirs().session.clear();
      case 'update': {
        const { session, resumeToken, viewToken } = theirs();
        await session.update(await liveRequest(command.asked, session.request(), parts.dialect, parts));
        return tell({ type: 'updated', facts: factsOf(session, resumeToken, viewToken) });
      }
      case 'end':
        await acknowledge(true);
        return endSoon('done');
    }
  }

  function endSoon(reason: LiveEndReason): void {
    void attached?.end(reason).catch((error: unknown) => fail(error));
  }

  return {
    async run(command) {
      try {
        await perform(command);
      } catch (error) {
        await fail(error);
      }
    },
    watches: () => watched !== undefined,
    endSoon,
    async leave() {
      attached?.detach();
      quota.release();
      await pumping;
      await watched?.leave();
    },
  };
}

/** Whoever has seen the end is told it once more, for the socket is closed behind it. */
function toldFrom({ hub }: Pick<LiveSession, 'hub'>, after: number): number {
  const { ended, seq } = hub.view();
  return ended ? Math.min(after, seq - 1) : after;
}

async function refuseFuture({ hub }: Pick<LiveSession, 'hub'>, after: number): Promise<void> {
  if (after <= hub.view().seq) return;
  // What another gateway has told may not be known here yet.
  await hub.isCurrent();
  if (after <= hub.view().seq) return;
  throw notYet(after);
}

const notYet = (after: number): ScriptoriumError =>
  new ScriptoriumError('request-invalid', `last_seq ${after} is not yet: the session has not told so many events`);
