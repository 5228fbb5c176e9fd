/**
 * `npm run bench:service`: the server over HTTP against its own engine and against other servers, in one run on one machine.
 * Writes docs/benchmarks-service.md.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { readClips } from '../clips.ts';
import { machineLine } from '../measure/machine.ts';
import { measureSlowdowns, slowdownsLine } from '../measure/slowdowns.ts';
import { HELP, readOptions } from '../options.ts';
import type { BenchOptions } from '../options.ts';
import { installPeers } from '../sides/install.ts';
import { startSide } from '../sides/side.ts';
import type { Side } from '../sides/side.ts';
import { CLIENTS, healthUnderLoad, interactiveDuringJob, memoryGrowth, throughput } from './measure.ts';
import type { Load } from './measure.ts';
import { cutRecordings } from './recordings.ts';
import type { Recording } from './recordings.ts';
import type { ServiceResults } from './page.ts';
import { servicePage } from './page.ts';
import { secondsToRestart } from './restart.ts';
import { greedy, startFasterWhisper, startOurs, startWhisperCpp } from './servers.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MODEL = join(ROOT, 'models/ggml-tiny.en-q8_0.bin');
const MAIN = join(ROOT, 'dist/cli/main.js');
const say = (line: string): void => console.error(line);
const RECORDINGS = 200;
const INTERACTIVE_SECONDS = 5;

/** Requests a second of the engine when it is handed so many at a time, nothing between. */
async function engineAlone(ours: Side, recordings: readonly Recording[], atOnce: number): Promise<number> {
  const clips = recordings.map(({ samples }) => samples);
  await ours.run({ clips: clips.slice(0, 8), setting: 'greedy', together: true });
  const { wall } = await ours.run({ clips, setting: 'greedy', atOnce });
  return clips.length / wall;
}

function tell(load: Load): Load {
  say(`${load.name}: ${load.requestsASecond.toFixed(2)} requests/s, 95 % within ${load.p95.toFixed(2)} s`);
  return load;
}

async function measure(options: BenchOptions): Promise<ServiceResults> {
  const { home, threads } = options;
  const slowdowns = slowdownsLine(measureSlowdowns());
  say(`the machine alone: ${slowdowns}`);
  const cacheFolder = join(home, 'cache');
  const peers = await installPeers(home, options.python, options.quick);
  const loadOurs = { model: 'tiny.en', cacheFolder, threads, precision: 'int8' };
  await using decoder = await startSide('faster-whisper', [peers.fasterWhisper, join(ROOT, 'bench/peers/peer.py')], {
    kind: 'faster-whisper',
    model: peers.fasterWhisperModel,
    threads,
  });
  const clips = await readClips(options.manifest, options.speech, join(home, 'samples'), decoder);
  const speech = clips.long.length > 0 ? clips.long : clips.short;
  const recordings = cutRecordings(speech, RECORDINGS, join(home, 'service'));
  const five = recordings.find(({ seconds }) => seconds === INTERACTIVE_SECONDS);
  if (five === undefined) throw new Error('no recording of 5 s');

  let engine: number;
  let whole: number;
  {
    await using ours = await startSide(
      'scriptorium',
      [process.execPath, '--import', 'tsx', join(ROOT, 'bench/sides/ours.ts')],
      loadOurs,
    );
    engine = await engineAlone(ours, recordings, CLIENTS);
    whole = await engineAlone(ours, recordings, recordings.length);
    say(`engine alone: ${engine.toFixed(2)} requests/s, everything at once ${whole.toFixed(2)}`);
  }
  const loads: Load[] = [];
  let health: number;
  let interactive: ServiceResults['interactive'];
  let memory: number;
  {
    await using server = await startOurs(MAIN, cacheFolder, threads);
    await throughput(server, recordings.slice(0, 16));
    loads.push(tell(await throughput(server, recordings)));
    health = await healthUnderLoad(server, recordings);
    say(`/healthz, 99 %: ${health.toFixed(1)} ms`);
    interactive = await interactiveDuringJob(server, five, join(home, 'service'));
    say(`a lone file, 95 %: idle ${interactive.idle.toFixed(2)} s, beside a job ${interactive.busy.toFixed(2)} s`);
    memory = await memoryGrowth(server, recordings);
  }
  const restart = await secondsToRestart(MAIN, cacheFolder, greedy(threads), five);
  say(`ready after a kill: ${restart.toFixed(1)} s`);
  if (!options.quick) {
    for (const other of [
      () => startWhisperCpp(peers, MODEL, threads),
      () => startFasterWhisper(peers, join(ROOT, 'bench/peers/server.py'), threads),
    ]) {
      await using server = await other();
      loads.push(tell(await throughput(server, recordings)));
    }
  }
  const seconds = recordings.reduce((sum, one) => sum + one.seconds, 0);
  return {
    machine: machineLine(),
    slowdowns,
    recordings: recordings.length,
    seconds,
    threads,
    engine,
    whole,
    loads,
    health,
    interactive,
    restart,
    memory,
  };
}

const options = readOptions(process.argv.slice(2), ROOT);
if (options === undefined) console.log(HELP);
else {
  const results = await measure(options);
  const page = await format(servicePage(results, new Date()), { parser: 'markdown', printWidth: 140 });
  const out = join(ROOT, options.quick ? '.bench/quick-service.md' : 'docs/benchmarks-service.md');
  writeFileSync(out, page);
  console.log(page);
}
