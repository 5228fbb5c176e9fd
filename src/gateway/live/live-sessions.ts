import type { LiveEndReason, LiveRecord, LiveRequest, ScriptoriumError, Versioned } from '../../core/index.ts';
import type { LiveHub } from './live-hub.ts';
import type { LiveSession } from './live-session.ts';

/** A session that a socket has. */
export interface Attachment {
  readonly session: LiveSession;
  readonly resumeToken: string;
  /** Empty for a session that was begun elsewhere: only whoever asked for it knows it. */
  readonly viewToken: string;
  /** The socket is gone; the session waits for another. Does nothing once another has it. */
  detach(): void;
  /** Resolves when the last event is told. */
  end(reason: LiveEndReason): Promise<void>;
}

/** A session that a socket only watches. */
export interface Watched {
  readonly id: string;
  readonly hub: LiveHub;
  request(): LiveRequest;
  /** Of its stream, as far as this gateway knows. */
  bytes(): number;
  leave(): Promise<void>;
}

/** The live sessions of this gateway, with or without a socket. */
export interface LiveSessions {
  /** @throws ScriptoriumError `server-busy`, `server-draining`; what opening a session throws. */
  start(tenant: string, request: LiveRequest, lost: Lost): Promise<Attachment>;
  /**
   * Takes a session up again, from another gateway too; a socket that still has it loses it.
   *
   * @param gone aborts when the socket that asks is closed: a request that lay unread, while its client went elsewhere, takes nothing.
   * @throws ScriptoriumError `session-unknown` when there is none, its time is over, the token is another's, or it was elsewhere and its
   *   stream can't be gone on with from the middle; `cancelled` when the socket is gone; `server-busy`, `server-draining` when it would have to be taken over;
   *   `broker-unreachable` when nobody can say where it is.
   */
  resume(tenant: string, id: string, token: string, lost: Lost, gone: AbortSignal): Promise<Attachment>;
  /** To watch only, wherever it is. @throws ScriptoriumError as `resume`. */
  watch(id: string, token: string): Promise<Watched>;
  /** Of any session that is still kept. */
  find(id: string): Promise<Versioned<LiveRecord> | undefined>;
  counts(): { readonly attached: number; readonly detached: number };
  /** No more sessions are begun; whoever has one is told. */
  drain(): void;
  /** Ends those whose protocol has no way to come back, and resolves when they have ended. */
  endFinal(): Promise<void>;
  /** Leaves what is left for others to take over, or for the next start. */
  letGo(): Promise<void>;
}

/** Told that the socket does not have its session any more, and why. */
export type Lost = (error: ScriptoriumError) => void;
