import { openLiveDecoder, openLiveEar } from '../../audio/index.ts';
import type { GatewayParts } from '../parts.ts';
import { createClientSecrets, type ClientSecrets } from './client-secrets.ts';
import { liveLoad } from './live-load.ts';
import { liveMetrics, type LiveMetrics } from './live-metrics.ts';
import { createLiveSessions } from './create-live-sessions.ts';
import { sweepOrphans } from './end-orphans.ts';
import type { LiveSessions } from './live-sessions.ts';

/** What the live side of a gateway is made of. */
export interface LiveEntry {
  readonly sessions: LiveSessions;
  readonly secrets: ClientSecrets;
  readonly metrics: LiveMetrics;
  /** Looks after sessions that nobody has any more. */
  readonly sweep: { stop(): void };
}

/** Makes the live side; sockets are served by `createLiveServer`. */
export function createLiveEntry(parts: GatewayParts): LiveEntry {
  const { broker, clock, telemetry, random, settings, vad } = parts;
  const load = liveLoad();
  const metrics = liveMetrics(telemetry.meter, load);
  const sessions = createLiveSessions({
    broker,
    clock,
    telemetry,
    random,
    settings: settings.live,
    metrics,
    liveLoad: load,
    load: () => load.step(),
    openDecoder: openLiveDecoder,
    openEar: async (turns, before) => openLiveEar(await vad(), turns, before),
  });
  telemetry.meter.gauge(
    'scriptorium_live_sessions',
    'Live sessions, with a socket and without.',
    () =>
      Object.entries(sessions.counts()).map(([state, value]) => ({
        value,
        labels: { state },
      })),
    ['state'],
  );
  const sweep = sweepOrphans({ broker, clock, telemetry, settings: settings.live });
  return { sessions, secrets: createClientSecrets(parts), metrics, sweep };
}
