import { audioRules } from './audio-rules.ts';
import { blobRules } from './blob-rules.ts';
import { boundRules } from './bound-rules.ts';
import { brokerRules } from './broker-rules.ts';
import { classRules } from './class-rules.ts';
import { eventRules } from './event-rules.ts';
import { jobQueueRules } from './job-queue-rules.ts';
import { leaseRules } from './lease-rules.ts';
import { LOCAL } from './local-broker.ts';
import { resultRules } from './result-rules.ts';
import { describeContract, describeRules } from './run-contract.ts';
import { sessionRules } from './session-rules.ts';

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
describeContract(rules, LOCAL);
describeRules(rules, LOCAL);
