import { APPEND_AUDIO, AUDIO_END, DROP_AUDIO, RANGE, TRIM } from './audio.ts';
import { SPEND } from './buckets.ts';
import { CANCEL, CANCEL_SESSION } from './cancel.ts';
import { CLAIM } from './claim.ts';
import { DEAD, REQUEUE } from './dead.ts';
import { APPEND, READ_EVENTS, REMOVE_EVENTS } from './events.ts';
import { FORGET } from './forget.ts';
import { LINES, LOOK, POSITIONS, WORKED_ON } from './look.ts';
import { DONE, PEEK, TAKE } from './outcomes.ts';
import { PUT } from './put.ts';
import type { Script } from './script.ts';
import { CREATE, EXPIRED, LIST, READ, REMOVE, SAVE } from './sessions.ts';
import { ACK, COMMIT, EXTEND, NACK } from './settle.ts';

const QUEUES = [
  PUT,
  CLAIM,
  EXTEND,
  ACK,
  NACK,
  COMMIT,
  CANCEL,
  CANCEL_SESSION,
  DEAD,
  REQUEUE,
  LOOK,
  POSITIONS,
  WORKED_ON,
  LINES,
  PEEK,
  TAKE,
  DONE,
];
const RECORDS = [CREATE, READ, SAVE, REMOVE, LIST, EXPIRED, APPEND, READ_EVENTS, REMOVE_EVENTS, FORGET];
const LIMITS = [SPEND];
const AUDIO = [APPEND_AUDIO, AUDIO_END, RANGE, TRIM, DROP_AUDIO];

/** Every script, for Redis to know before the first call. */
export const ALL_SCRIPTS: readonly Script[] = [...QUEUES, ...RECORDS, ...LIMITS, ...AUDIO];
