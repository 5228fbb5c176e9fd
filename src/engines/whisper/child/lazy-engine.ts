import type { Engine } from '../../../core/index.ts';

/** An engine that starts at its first segment, or when told. */
export interface LazyEngine extends Engine {
  /** Rejects as `startEngine` does. */
  start(): Promise<void>;
}

/** One of several that share the cores. */
export interface SiblingEngine extends LazyEngine {
  /** Tells it whether others have work now. */
  keepCompany(others: boolean): void;
}
