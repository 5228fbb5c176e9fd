// Kills, freezes and cuts a whole site at random while it works, and checks what its clients saw: npm run chaos:site -- --minutes N --seed S [--overlap]
import { parseArgs } from 'node:util';
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
  },
});
mustBeBuilt();
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`${values.minutes} minutes, seed ${values.seed}`);
const { history, faults } = await runSiteChaos({
  seconds: Number(values.minutes) * 60,
  random: seeded(Number(values.seed)),
  speakers: Number(values.speakers),
  senders: Number(values.senders),
  overlap: values.overlap,
  log: () => undefined,
});
const found = violations(history);
const moves = history.sessions.reduce((sum, { log }) => sum + log.filter(({ type }) => type === 'moved').length, 0);
say(`faults: ${JSON.stringify(faults)}`);
say(
  `${history.sessions.length} live sessions, moved ${moves} times; ${history.jobs.length} jobs; ${found.length} violations`,
);
for (const one of found) {
  say(one);
  // What was told of it, for whoever looks for the reason.
  const told = history.sessions.find(({ id }) => one.includes(id));
  say(
    `  ${told?.log.map(({ type, ...rest }) => ('reason' in rest ? `${type} (${String(rest['reason'])})` : type)).join(', ') ?? ''}`,
  );
}
if (found.length > 0) process.exitCode = 1;
