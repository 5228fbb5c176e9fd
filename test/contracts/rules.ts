import { audioRules } from './audio-rules.ts';
import { blobRules } from './blob-rules.ts';
import { boundRules } from './bound-rules.ts';
import { brokerRules } from './broker-rules.ts';
import { bucketRules } from './bucket-rules.ts';
import { classRules } from './class-rules.ts';
import type { Rule } from './contract.ts';
import { eventRules } from './event-rules.ts';
import { jobQueueRules } from './job-queue-rules.ts';
import { leaseRules } from './lease-rules.ts';
import { resultRules } from './result-rules.ts';
import { sessionRules } from './session-rules.ts';

/** Every promise of a broker. */
export const ALL_RULES: readonly Rule[] = [
  ...jobQueueRules,
  ...leaseRules,
  ...classRules,
  ...boundRules,
  ...resultRules,
  ...sessionRules,
  ...eventRules,
  ...audioRules,
  ...blobRules,
  ...bucketRules,
  ...brokerRules,
];
