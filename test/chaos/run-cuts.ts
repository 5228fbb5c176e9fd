// Cuts the connections of live sessions at random bytes, and checks each against a run without cuts: npm run chaos:cuts [SESSIONS CUTS SEED]
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type LiveEvent } from '../../src/client/index.ts';
import { cuttingProxy } from '../e2e/testing/cutting-proxy.ts';
import { JFK, mustBeBuilt, startServer } from '../e2e/testing/running-server.ts';
import { seeded } from './seeded.ts';

const [sessions = 100, cuts = 1000, seed = Date.now() % 1e6] = process.argv.slice(2).map(Number);
const AT_ONCE = 10;
const WAV_HEAD = 44;
const FRAME = 3200;
/** Later than the handshake: a first connection that can't be made is an error. */
const HANDSHAKE_BYTES = 3000;
const PATIENCE_MS = 120_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

mustBeBuilt();
const random = seeded(seed);
const folder = await mkdtemp(join(tmpdir(), 'scriptorium-cuts-'));
const server = await startServer(folder, '--engine', 'scripted');
const speech = Buffer.concat([(await readFile(JFK)).subarray(WAV_HEAD), new Uint8Array(32_000)]);

/** @returns what a client keeps of a session: finals, and how its samples add up. */
async function speak(url: string): Promise<string> {
  const session = createClient({ url }).live({ times: { connect: PATIENCE_MS, reconnect: PATIENCE_MS } });
  const events: LiveEvent[] = [];
  const listening = (async () => {
    for await (const event of session) events.push(event);
  })();
  for (let at = 0; at < speech.length; at += FRAME) await session.send(speech.subarray(at, at + FRAME));
  await Promise.all([session.end(), listening]);
  const finals = events.flatMap((event) =>
    event.type === 'final' ? [[event.segment, event.start_ms, event.end_ms, event.text]] : [],
  );
  const ledger = events.flatMap((event) => (event.type === 'ended' ? [event.ledger] : []));
  return JSON.stringify({ finals, ledger });
}

async function speakThroughCuts(count: number): Promise<{ readonly text: string; readonly cuts: number }> {
  await using proxy = await cuttingProxy(server.url);
  const places = Array.from({ length: count }, () => HANDSHAKE_BYTES + Math.floor(random() * speech.length));
  proxy.cutAt(places.toSorted((a, b) => a - b));
  const text = await speak(proxy.url);
  return { text, cuts: proxy.cuts() };
}

try {
  const unbroken = await speak(server.url);
  let equal = 0;
  let broken = 0;
  let begun = 0;
  const next = async (): Promise<void> => {
    while (begun < sessions) {
      begun++;
      const { text, cuts: made } = await speakThroughCuts(Math.round(cuts / sessions));
      broken += made;
      if (text === unbroken) equal++;
      else say(`differs: ${text}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  say(
    `${sessions} sessions, ${broken} cuts, seed ${seed}: ${equal} with the finals and the ledger of the run without cuts`,
  );
  if (equal < sessions) process.exitCode = 1;
} finally {
  server.kill('SIGKILL');
  await server.exited;
  await rm(folder, { recursive: true, force: true });
}
