// Kills, freezes and cuts a whole site at random while it works, and checks what its clients saw: npm run chaos -- --minutes N --seed S [--overlap] [--engine whisper]
import { writeFile } from 'node:fs/promises';
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
/** What was done when, for whoever looks for the reason of a violation. */
const trace: string[] = [];
setInterval(
  () => say(`${Math.round((performance.now() - begun) / 60_000)} minutes: ${trace.length} faults so far`),
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
    trace.push(`${((performance.now() - begun) / 1000).toFixed(1)} s: ${line}`);
    if (line.includes('by itself')) say(line);
  },
});
const found = violations(history);
const moves = history.sessions.reduce((sum, { log }) => sum + log.filter(({ type }) => type === 'moved').length, 0);
say(`faults: ${JSON.stringify(faults)}`);
say(
  `${history.sessions.length} live sessions, moved ${moves} times; ${history.jobs.length} files; ${history.work.length} steps of work; ${found.length} violations`,
);
for (const one of found) {
  say(one);
  // What was told of it, for whoever looks for the reason.
  const told = history.sessions.find(({ id }) => one.includes(id));
  say(
    `  ${told?.log.map(({ type, ...rest }) => ('reason' in rest ? `${type} (${String(rest['reason'])})` : type)).join(', ') ?? ''}`,
  );
}
if (found.length > 0) {
  const file = `chaos-${values.seed}.log`;
  await writeFile(file, trace.map((line) => `${line}\n`).join(''));
  say(`what was done is in ${file}`);
  process.exitCode = 1;
}
