import type { Broker, LiveCarry } from '../../core/index.ts';
import type { LiveParts } from './live-parts.ts';

/** What a session's record says for a gateway that would take it over. */
export interface CarryKeeper {
  /** Writes it down now. Never rejects: what could not be written is written with the next sign of life. */
  save(): Promise<void>;
  stop(): void;
}

/** Writes a session's carry down whenever it is told to, and now and then as a sign of life. */
export function keepCarry(
  id: string,
  carry: () => Omit<LiveCarry, 'aliveAt'>,
  { broker, clock, settings, telemetry }: Pick<LiveParts, 'broker' | 'clock' | 'settings' | 'telemetry'>,
): CarryKeeper {
  let forget = (): void => {};
  let isOver = false;
  const save = async (): Promise<void> => {
    if (isOver) return;
    try {
      await write(broker, id, { ...carry(), aliveAt: broker.now() });
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
async function write({ live }: Pick<Broker, 'live'>, id: string, carry: LiveCarry): Promise<void> {
  for (;;) {
    const found = await live.sessions.read(id);
    if (found === undefined) return;
    if ((await live.sessions.save(id, found.version, { ...found.record, carry })) !== 'conflict') return;
  }
}
