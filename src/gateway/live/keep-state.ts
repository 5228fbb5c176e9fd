import type { Broker, LiveCarry, LiveRequest } from '../../core/index.ts';
import type { LiveParts } from './live-parts.ts';

/** What of a session its gateway has in memory, and events and sound do not tell. */
export interface LiveState {
  /** As the client changed it last. */
  readonly request: LiveRequest;
  readonly carry: Omit<LiveCarry, 'aliveAt'>;
}

/** Keeps in a session's record what a gateway that would take it over has to know. */
export interface StateKeeper {
  /** Writes it down now. Never rejects: what could not be written is written with the next sign of life. */
  save(): Promise<void>;
  stop(): void;
}

/** Writes a session's state down whenever it is told to, and now and then as a sign of life. */
export function keepState(
  id: string,
  state: () => LiveState,
  { broker, clock, settings, telemetry }: Pick<LiveParts, 'broker' | 'clock' | 'settings' | 'telemetry'>,
): StateKeeper {
  let forget = (): void => {};
  let isOver = false;
  const save = async (): Promise<void> => {
    if (isOver) return;
    try {
      const { request, carry } = state();
      await write(broker, id, request, { ...carry, aliveAt: broker.now() });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      telemetry.log.warn('a live session could not be written down', { sessionId: id, reason });
    }
  };
  const signAgain = (): void => {
    forget = clock.after(settings.sign, () => void save().finally(() => (isOver ? undefined : signAgain())));
  };
  signAgain();
  return {
    save,
    stop() {
      isOver = true;
      forget();
    },
  };
}

/** Others write to the record too: then once more, on top of theirs. */
async function write(
  { live }: Pick<Broker, 'live'>,
  id: string,
  request: LiveRequest,
  carry: LiveCarry,
): Promise<void> {
  for (;;) {
    const found = await live.sessions.read(id);
    if (found === undefined) return;
    if ((await live.sessions.save(id, found.version, { ...found.record, request, carry })) !== 'conflict') return;
  }
}
