import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openLocalBroker } from '../../src/brokers/index.ts';
import { millis } from '../../src/core/index.ts';
import { audioRules } from './audio-rules.ts';
import { blobRules } from './blob-rules.ts';
import { boundRules } from './bound-rules.ts';
import { brokerRules } from './broker-rules.ts';
import { classRules } from './class-rules.ts';
import type { ContractBounds } from './contract.ts';
import { eventRules } from './event-rules.ts';
import { jobQueueRules } from './job-queue-rules.ts';
import { leaseRules } from './lease-rules.ts';
import { madeClock } from './made-clock.ts';
import { resultRules } from './result-rules.ts';
import type { BrokerUnderTest } from './run-contract.ts';
import { describeContract, describeRules } from './run-contract.ts';
import { sessionRules } from './session-rules.ts';

const bounds: ContractBounds = {
  depth: 250,
  lease: millis(5000),
  remember: millis(20_000),
  hold: millis(8000),
  pendingOutcomes: 20,
};

const local: BrokerUnderTest = {
  name: 'the local broker',
  bounds,
  async place() {
    const folder = await mkdtemp(join(tmpdir(), 'scriptorium-contract-'));
    const clock = madeClock();
    const startedAt = millis(Date.UTC(2026, 0, 1));
    const { depth, ...others } = bounds;
    const depths = { final: depth, partial: depth, interactive: depth, batch: depth };
    return {
      open: () =>
        openLocalBroker({
          folder,
          clock,
          startedAt: millis(startedAt + clock.now()),
          bounds: { ...others, depth: depths },
        }),
      async pass(time) {
        clock.pass(millis(time));
        // What follows from it without the disk has happened after a turn.
        await nextTurn();
      },
      remove: () => rm(folder, { recursive: true }),
    };
  },
};

const rules = [
  ...jobQueueRules,
  ...leaseRules,
  ...classRules,
  ...boundRules,
  ...resultRules,
  ...sessionRules,
  ...eventRules,
  ...audioRules,
  ...blobRules,
  ...brokerRules,
];
describeContract(rules, local);
describeRules(rules, local);
