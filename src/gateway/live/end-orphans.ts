import type { Broker, Clock, LiveEvent, LiveRecord, LiveView, Millis, Telemetry, Versioned } from '../../core/index.ts';
import { foldLive, liveLedger } from '../../core/index.ts';
import { failedFinals } from './late-events.ts';
import { keepEnded } from './live-records.ts';
import type { LiveSettings } from './live-settings.ts';
import { readBehind, takeOver, type TakenOver } from './take-over.ts';

type Stores = Pick<Broker, 'live' | 'audio' | 'now'>;

/** Records looked at together. */
const PAGE = 100;

/**
 * Ends the live sessions that no gateway has given a sign of for `orphaned`: theirs are gone, and their clients have not come back. What was
 * settled stands, the ledger is closed, and what was said is kept for its time. Any number of gateways may do so.
 *
 * @returns how many there were.
 */
export async function endOrphans(
  broker: Stores,
  { kept, orphaned }: Pick<LiveSettings, 'kept' | 'orphaned'>,
): Promise<number> {
  let ended = 0;
  let after: string | undefined;
  for (;;) {
    const page = await broker.live.sessions.list({
      order: 'asc',
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const found of page) {
      const { carry, view } = found.record;
      if (view.ended || broker.now() - carry.aliveAt < orphaned) continue;
      if (await endOrphan(broker, found, kept)) ended++;
    }
    after = page.at(-1)?.id;
    if (after === undefined) return ended;
  }
}

/** @returns whether it was ended by this. */
async function endOrphan(broker: Stores, { id }: Versioned<LiveRecord>, kept: LiveSettings['kept']): Promise<boolean> {
  const { live, audio } = broker;
  const taken = await takeOver(broker, id);
  let { view } = taken;
  let isEnded = false;
  while (!view.ended) {
    // Somebody has taken it up at this very moment.
    if (view.epoch !== taken.view.epoch) return false;
    const { status } = await live.events.append(id, view.seq, lastEvents(view, taken, broker.now()));
    isEnded = status === 'ok';
    // What an engine still heard may come in between.
    view = await readBehind(live.events, id, view);
  }
  const ended = view;
  await keepEnded(broker, id, () => ended, kept);
  await audio.drop(id);
  return isEnded;
}

function lastEvents(
  view: LiveView,
  { end, carry }: Pick<TakenOver, 'end' | 'carry'>,
  at: Millis,
): readonly LiveEvent[] {
  const finals = failedFinals(view, end);
  const last = finals.reduce((now, event) => foldLive(now, [{ seq: now.seq + 1, at, event }]), view);
  const figures = { ...last.figures, resumes: view.epoch - 1 };
  return [...finals, { type: 'ended', reason: 'failed', ledger: liveLedger(last, end, carry.gap), figures }];
}

/** Ends orphans now and then, until it is stopped. */
export function sweepOrphans(parts: {
  readonly broker: Stores;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'log'>;
  readonly settings: Pick<LiveSettings, 'kept' | 'orphaned' | 'sign'>;
}): { stop(): void } {
  const { broker, clock, telemetry, settings } = parts;
  let isStopped = false;
  let forget = (): void => {};
  async function sweep(): Promise<void> {
    try {
      const ended = await endOrphans(broker, settings);
      if (ended > 0) telemetry.log.warn('live sessions whose server and client were gone are ended', { ended });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!isStopped) telemetry.log.warn('live sessions could not be looked through', { reason });
    }
    if (!isStopped) forget = clock.after(settings.sign, () => void sweep());
  }
  forget = clock.after(settings.sign, () => void sweep());
  return {
    stop() {
      isStopped = true;
      forget();
    },
  };
}
