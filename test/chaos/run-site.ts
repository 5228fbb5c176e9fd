// Kills, freezes and cuts a whole site at random while it works, and checks what its clients saw: npm run chaos -- --minutes N --seed S [--overlap] [--engine whisper]
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { mustBeBuilt } from '../e2e/testing/running-server.ts';
import { violations } from './history.ts';
import { seeded } from './seeded.ts';
import { runSiteChaos } from './site-chaos.ts';

const HELP = `Kills, freezes and cuts a whole site at random while it works, and checks what its clients saw.

  npm run chaos -- --minutes 60 --seed 7 --overlap

  --minutes N      how long (2)
  --seed N         what the chance is drawn from: a seed fails again as it failed (the time)
  --speakers N     live sessions at a time (4)
  --senders N      senders of files (2)
  --overlap        several faults at once
  --engine NAME    scripted, whose words are known beforehand, or whisper (scripted)

Needs redis-server and nginx. Ends with 1 when it found a violation; chaos-SEED.log then tells what was done and said.
`;

function fail(message: string): never {
  process.stderr.write(`${message}\nnpm run chaos -- --help tells how it is called\n`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        minutes: { type: 'string', default: '2' },
        seed: { type: 'string', default: String(Date.now() % 1e6) },
        speakers: { type: 'string', default: '4' },
        senders: { type: 'string', default: '2' },
        overlap: { type: 'boolean', default: false },
        engine: { type: 'string', default: 'scripted' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const COUNT = z.coerce.number().positive();
const PLAN = z.object({
  minutes: COUNT,
  seed: z.coerce.number(),
  speakers: COUNT.int(),
  senders: COUNT.int(),
  overlap: z.boolean(),
  engine: z.enum(['scripted', 'whisper']),
});

const given = readOptions();
if (given.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const read = PLAN.safeParse(given);
const plan = read.success ? read.data : fail(z.prettifyError(read.error));
mustBeBuilt();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`${plan.minutes} minutes, seed ${plan.seed}, ${plan.engine} engine`);
const begun = performance.now();
const PROGRESS_MS = 300_000;
/** What was done when and what each process said to it, for whoever looks for the reason of a violation. */
const file = `chaos-${plan.seed}.log`;
const trace = createWriteStream(file);
const record = (line: string): void => void trace.write(`${((performance.now() - begun) / 1000).toFixed(3)} ${line}\n`);
let steps = 0;
setInterval(
  () => say(`${Math.round((performance.now() - begun) / 60_000)} minutes: ${steps} steps so far`),
  PROGRESS_MS,
).unref();
const { history, faults } = await runSiteChaos({
  seconds: plan.minutes * 60,
  random: seeded(plan.seed),
  speakers: plan.speakers,
  senders: plan.senders,
  overlap: plan.overlap,
  engine: plan.engine,
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
