import type { LiveDecoder, LiveEar, SpokenBefore } from '../../audio/index.ts';
import type { Broker, Clock, LiveAudioFormat, LiveTurns, LoadStep, Telemetry } from '../../core/index.ts';
import type { LiveSettings } from './live-settings.ts';

/** All that a live session needs from outside. */
export interface LiveParts {
  readonly broker: Pick<Broker, 'audio' | 'jobs' | 'live' | 'now' | 'failure'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly settings: LiveSettings;
  readonly openDecoder: (format: LiveAudioFormat) => LiveDecoder;
  /** @param before of a session that another gateway heard so far. */
  readonly openEar: (turns: LiveTurns, before?: SpokenBefore) => Promise<LiveEar>;
  /** How far service is cut back now. */
  readonly load: () => LoadStep;
}
