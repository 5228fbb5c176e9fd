import { vi } from 'vitest';

/** Far longer than anything here takes, however busy the machine is. */
const PATIENCE_MS = 20_000;

/** Waits until the expectations hold. */
export const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: PATIENCE_MS, interval: 5 });
