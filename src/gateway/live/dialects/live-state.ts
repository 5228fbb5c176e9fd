import type { LiveFacts } from '../dialect.ts';

/**
 * One socket of `stt.live.v1`.
 *
 * ```
 * new ──start, resume, watch──▶ asking ──started, resumed──▶ live ──end──▶ ending ──ended──▶ closed
 *                                                     └────▶ watching ────────────ended──▶ closed
 * any ──a fatal error──▶ closed
 * ```
 */
export interface LiveDialectState {
  readonly phase: 'new' | 'asking' | 'live' | 'ending' | 'watching' | 'closed';
  /** What was asked for, while `asking`. */
  readonly watches: boolean;
  readonly facts: LiveFacts | undefined;
  /** The last number that was told, or skipped. */
  readonly seq: number;
}

export const NEW_LIVE_STATE: LiveDialectState = {
  phase: 'new',
  watches: false,
  facts: undefined,
  seq: 0,
};
