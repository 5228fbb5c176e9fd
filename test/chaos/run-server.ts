// Kills a server and its engines at random moments, and fails unless every job ends once: npm run chaos:server [JOBS CHILD-KILLS SERVER-KILLS SEED]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repeated } from '../integration/testing/recordings.ts';
import { mustBeBuilt } from '../e2e/testing/running-server.ts';
import { runChaos } from './server-chaos.ts';
import { seeded } from './seeded.ts';

const [jobs = 300, childKills = 500, serverKills = 20, seed = Date.now() % 1e6] = process.argv.slice(2).map(Number);
mustBeBuilt();
const folder = await mkdtemp(join(tmpdir(), 'scriptorium-chaos-'));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`${jobs} jobs, ${childKills} kills of engines, ${serverKills} of the server, seed ${seed}`);
try {
  // Of four segments each: two for each kill, and some are left.
  const recordings = [await repeated(folder, 8), await repeated(folder, 9)];
  const {
    failures,
    unsound,
    texts,
    recordings: of,
    killed,
  } = await runChaos({
    folder,
    recordings,
    jobs,
    childKills,
    serverKills,
    segmentsBetween: 1,
    random: seeded(seed),
    flags: ['--beam-size', '1', '--cache-dir', join(folder, 'cache')],
    log: say,
  });
  say(`${texts.size} jobs ended, ${failures.length} of them not well, ${unsound.length} unsound`);
  for (const failure of failures) say(failure);
  if (killed.children < childKills) say(`only ${killed.children} engines were there to be killed`);
  const heard = recordings.map(
    (path) => new Set([...texts].flatMap(([id, text]) => (of.get(id) === path && text !== undefined ? [text] : []))),
  );
  const isTheSame = heard.every(({ size }) => size === 1);
  if (!isTheSame) say(`texts of one recording differ: ${heard.map(({ size }) => size).join(' and ')} of them`);
  if (failures.length + unsound.length > 0 || !isTheSame || killed.children < childKills) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
