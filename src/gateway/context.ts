import type { Door } from './access/admission.ts';
import type { Limiter } from './access/limiter.ts';
import type { LiveEntry } from './live/live-entry.ts';
import type { GatewayParts } from './parts.ts';
import type { SharedWork } from './work/shared-work.ts';

/** What the routes share. */
export interface Context extends GatewayParts {
  readonly door: Door;
  readonly limiter: Limiter;
  readonly shared: SharedWork;
  readonly live: LiveEntry;
  /** Aborts when the gateway is closed. */
  readonly closing: AbortSignal;
}
