// Kills, freezes and cuts a whole site at random while it works, and checks what its clients saw: npm run chaos -- --minutes N --seed S [--overlap] [--engine whisper]
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { mustBeBuilt } from '../e2e/testing/running-server.ts';
import { violations } from './history.ts';
import { seeded } from './seeded.ts';
import { runSiteChaos } from './site-chaos.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    speakers: { type: 'string', default: '4' },
    senders: { type: 'string', default: '2' },
    overlap: { type: 'boolean', default: false },
    engine: { type: 'string', default: 'scripted' },
  },
});
mustBeBuilt();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const engine = z.enum(['scripted', 'whisper']).parse(values.engine);
say(`${values.minutes} minutes, seed ${values.seed}, ${engine} engine`);
const begun = performance.now();
const PROGRESS_MS = 300_000;
/** What was done when and what each process said to it, for whoever looks for the reason of a violation. */
const file = `chaos-${values.seed}.log`;
const trace = createWriteStream(file);
const record = (line: string): void => void trace.write(`${((performance.now() - begun) / 1000).toFixed(3)} ${line}\n`);
let steps = 0;
setInterval(
  () => say(`${Math.round((performance.now() - begun) / 60_000)} minutes: ${steps} steps so far`),
  PROGRESS_MS,
).unref();
const { history, faults } = await runSiteChaos({
  seconds: Number(values.minutes) * 60,
  random: seeded(Number(values.seed)),
  speakers: Number(values.speakers),
  senders: Number(values.senders),
  overlap: values.overlap,
  engine,
  log(line) {
    steps++;
    record(`site ${line}`);
    if (line.includes('by itself')) say(line);
  },
  record,
});
const found = violations(history);
const moves = history.sessions.reduce((sum, { log }) => sum + log.filter(({ type }) => type === 'moved').length, 0);
say(`faults: ${JSON.stringify(faults)}`);
say(
  `${history.sessions.length} live sessions, moved ${moves} times; ${history.jobs.length} files; ${history.work.length} steps of work; ${found.length} violations`,
);
for (const one of found) {
  say(one);
  const session = history.sessions.find(({ id }) => one.includes(id));
  for (const event of session?.told ?? []) record(`speaker of ${session?.id} ${JSON.stringify(event)}`);
  for (const event of session?.log ?? []) record(`log of ${session?.id} ${JSON.stringify(event)}`);
}
await new Promise((resolve) => void trace.end(resolve));
if (found.length === 0) await rm(file);
else {
  say(`what was done, and what all said to it, is in ${file}`);
  process.exitCode = 1;
}
