// A process to be killed: FOLDER FIRST. Says on standard output what the broker promised, a line a promise.
import { writeSync } from 'node:fs';
import type { Said } from './crash-life.ts';
import { fold, openForCrash, produce, work, writeBlobs } from './crash-life.ts';

const LONG = 1_000_000;
const [, , folder = '', first = ''] = process.argv;

const broker = await openForCrash(folder);
// Synchronous: what was said has left the process when it is killed.
const say = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`);
say({ type: 'ready' });
await Promise.all([
  produce(broker, Number(first), say),
  work(broker, LONG, say),
  work(broker, LONG, say),
  fold(broker, LONG, say),
  writeBlobs(broker, Number(first), say),
]);
