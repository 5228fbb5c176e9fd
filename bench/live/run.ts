/**
 * `npm run bench:live`: live sessions in real time against the built server on this machine. People speak from a process of their
 * own: one, half as many as asked for, and all. Writes docs/benchmarks-live.md.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { z } from 'zod';
import { machineLine } from '../measure/machine.ts';
import { measureSlowdowns, slowdownsLine } from '../measure/slowdowns.ts';
import { startServing } from '../service/servers.ts';
import { readDecoderSteps } from './decoder-steps.ts';
import { measureGatewayCost } from './gateway-cost.ts';
import { measured, type Measured } from './measure.ts';
import { livePage } from './page.ts';
import { measurePeer } from './peer.ts';
import { makeStreams, readSpoken } from './streams.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist/cli/main.js');
const HELP = `npm run bench:live -- [options]

  --speech DIR      folder of recordings with a manifest.jsonl   (test/fixtures/speech)
  --sessions N      people who speak at once                     (20)
  --seconds N       how long each speaks at least                (60)
  --share N         part of the time that somebody speaks        (0.6)
  --python PROGRAM  a Python 3.11 or newer, for the peer          (python3)
  --quick           few and short, written to .bench/quick-live.md
`;
/** Sessions of a run begin within so long. */
const TOGETHER_MS = 2000;
/** Of the measurement of what a gateway does by itself. */
const COST_SESSIONS = 30;
const COST_SECONDS = 20;
const Numbers = z.array(z.number());
const Spoken = z.array(
  z.object({
    finals: Numbers,
    firsts: Numbers,
    gaps: Numbers,
    settled: Numbers,
    takenBack: z.number(),
    text: z.string(),
    batch: z.string(),
    reference: z.string(),
    slip: z.number(),
  }),
);
const say = (line: string): void => console.error(line);

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    speech: { ...text, default: join(ROOT, 'test/fixtures/speech') },
    sessions: { ...text, default: '20' },
    seconds: { ...text, default: '60' },
    share: { ...text, default: '0.6' },
    python: { ...text, default: 'python3' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function speakAt(url: string, sessions: number, seconds: number, spread: number): Promise<Measured> {
  const { speech } = values;
  const options = {
    url,
    manifest: join(speech, 'manifest.jsonl'),
    speech,
    sessions,
    seconds,
    share: Number(values.share),
    spread,
  };
  const program = ['--import', 'tsx', join(ROOT, 'bench/live/speakers.ts'), JSON.stringify(options)];
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: ROOT, maxBuffer: 2 ** 28 });
  const result = measured(sessions, Spoken.parse(JSON.parse(stdout)));
  say(
    `${sessions} sessions, ${result.refused} refused: final ${result.final95.toFixed(0)} ms (95 %), first text ${result.first95.toFixed(0)} ms, ` +
      `between texts ${result.gap95.toFixed(0)} ms, settled ${result.settled50.toFixed(0)}/${result.settled95.toFixed(0)} ms, ` +
      `WER ${(result.wordErrors * 100).toFixed(2)} %, sent at most ${result.slip.toFixed(0)} ms late`,
  );
  return result;
}

if (values.help) say(HELP);
else {
  const most = values.quick ? 4 : Number(values.sessions);
  const seconds = values.quick ? 20 : Number(values.seconds);
  const home = join(ROOT, '.bench');
  mkdirSync(home, { recursive: true });
  const slowdowns = slowdownsLine(measureSlowdowns());
  say(`the machine alone: ${slowdowns}`);
  await using server = await startServing(MAIN, join(home, 'cache'));
  const runs: Measured[] = [];
  for (const sessions of [1, Math.max(1, Math.round(most / 2)), most]) {
    runs.push(await speakAt(server.origin, sessions, seconds, TOGETHER_MS));
  }
  const steps = await readDecoderSteps(server.origin);
  say(`decoder steps of partials: ${steps.forced}, of ${steps.anew} if all were decoded anew`);
  // Those of the run before are over: what comes is more than there is room for, and comes one after the other.
  const overload = await speakAt(server.origin, 2 * most, seconds, (seconds * 1000) / 2);
  const [alone] = makeStreams(
    await readSpoken(join(values.speech, 'manifest.jsonl'), values.speech),
    1,
    seconds,
    Number(values.share),
  );
  if (alone === undefined) throw new Error('nobody speaks');
  const peer = await measurePeer(home, values.python, alone);
  say(
    `whisper_streaming's policy: settled ${peer.settled50.toFixed(0)}/${peer.settled95.toFixed(0)} ms, WER ${(peer.wordErrors * 100).toFixed(2)} %`,
  );
  const cost = await measureGatewayCost(MAIN, home, values.quick ? 5 : COST_SESSIONS, COST_SECONDS);
  say(
    `a second of a session costs a gateway ${cost.oursMs.toFixed(2)} ms, one that only counts ${cost.countingMs.toFixed(2)} ms`,
  );
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  const page = livePage({
    runs,
    overload,
    cost,
    peer,
    steps,
    seconds,
    share: Number(values.share),
    machine: machineLine(),
    slowdowns,
    version,
    date: new Date(),
  });
  const out = values.quick ? join(home, 'quick-live.md') : join(ROOT, 'docs/benchmarks-live.md');
  writeFileSync(out, await format(page, { parser: 'markdown', printWidth: 120 }));
  say(`written: ${out}`);
}
