/** `npm run chaos` does the same for longer. */
import { describe, expect, test } from 'vitest';
import { mustBeBuilt } from '../e2e/testing/running-server.ts';
import { HAS_REDIS } from '../testing/redis-server.ts';
import { violations } from './history.ts';
import { seeded } from './seeded.ts';
import { runSiteChaos } from './site-chaos.ts';

const SECONDS = 120;
/** What was begun ends after that: whoever waits for a process that was killed waits until its lease is over. */
const PATIENCE_MS = 400_000;

describe.skipIf(!HAS_REDIS)('a site on Redis', () => {
  test(
    'loses nothing that it accepted, and tells nothing twice or in two ways, whatever is killed, frozen or cut off',
    async () => {
      mustBeBuilt();
      const { history, faults } = await runSiteChaos({
        seconds: SECONDS,
        random: seeded(7),
        speakers: 3,
        senders: 1,
        overlap: false,
        engine: 'scripted',
        log: () => undefined,
      });
      expect(violations(history)).toEqual([]);
      expect(history.sessions.length).toBeGreaterThan(5);
      expect(history.jobs.length).toBeGreaterThan(0);
      expect(Object.keys(faults).length).toBeGreaterThan(2);
    },
    PATIENCE_MS,
  );
});
