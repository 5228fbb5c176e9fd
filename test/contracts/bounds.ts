import { millis } from '../../src/core/index.ts';
import type { ContractBounds } from './contract.ts';

/** Small enough for the rules to reach. */
export const BOUNDS: ContractBounds = {
  depth: 250,
  lease: millis(5000),
  remember: millis(20_000),
  hold: millis(8000),
  pendingOutcomes: 20,
};
