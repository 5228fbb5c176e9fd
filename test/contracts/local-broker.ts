import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalBroker } from '../../src/brokers/index.ts';
import { millis } from '../../src/core/index.ts';
import { handClock } from '../../src/core/testing/hand-clock.ts';
import { BOUNDS } from './bounds.ts';
import type { BrokerUnderTest } from './run-contract.ts';

/** The local broker in a folder of its own, with a clock that stands still but for `pass`. */
export const LOCAL: BrokerUnderTest = {
  name: 'the local broker',
  bounds: BOUNDS,
  async place() {
    const folder = await mkdtemp(join(tmpdir(), 'scriptorium-contract-'));
    const clock = handClock();
    const startedAt = Date.UTC(2026, 0, 1);
    const { depth, ...others } = BOUNDS;
    const depths = { final: depth, partial: depth, interactive: depth, batch: depth };
    return {
      open: () =>
        openLocalBroker({
          folder,
          clock,
          startedAt: millis(startedAt + clock.now()),
          bounds: { ...others, depth: depths },
        }),
      pass: (time) => clock.pass(time),
      remove: () => rm(folder, { recursive: true }),
    };
  },
};
