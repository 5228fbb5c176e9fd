/** Measures the product beside its peers and writes `docs/benchmarks.md`: see `options.ts` for what it takes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clips } from './clips.ts';
import { readClips } from './clips.ts';
import { machineLine } from './measure/machine.ts';
import { measureMemory } from './measure/memory.ts';
import type { Cell, Entry } from './measure/rounds.ts';
import { otherLoadDuring, runRounds } from './measure/rounds.ts';
import type { CommandTimes } from './measure/whole-process.ts';
import { timeCommands } from './measure/whole-process.ts';
import type { BenchOptions } from './options.ts';
import { HELP, readOptions } from './options.ts';
import { goals } from './report/goals.ts';
import { markdown, QUIET_LOAD } from './report/markdown.ts';
import type { Results, Setting } from './report/results.ts';
import { BATCHED, FASTER_WHISPER, OURS, OURS_F32, OURS_TOGETHER, WHISPER_CPP } from './report/results.ts';
import { readTimedWords, startDistances } from './score/matched-words.ts';
import type { Peers } from './sides/install.ts';
import { installPeers } from './sides/install.ts';
import type { Side } from './sides/side.ts';
import { startSide } from './sides/side.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MODEL = join(ROOT, 'models/ggml-tiny.en-q8_0.bin');
const LISTEN_MS = 3000;
const WHOLE_PROCESS_ROUNDS = 11;

const say = (line: string): void => console.error(line);

function startOurs(options: BenchOptions, precision: 'int8' | 'f32'): Promise<Side> {
  const command = [process.execPath, '--import', 'tsx', join(ROOT, 'bench/sides/ours.ts')] as const;
  const cacheFolder = join(options.home, 'cache');
  mkdirSync(cacheFolder, { recursive: true });
  return startSide(precision === 'int8' ? OURS : OURS_F32, command, {
    model: 'tiny.en',
    cacheFolder,
    threads: options.threads,
    precision,
  });
}

function startPeer(options: BenchOptions, kind: string, python: string, model: string): Promise<Side> {
  return startSide(kind, [python, join(ROOT, 'bench/peers/peer.py')], { kind, model, threads: options.threads });
}

interface Sides {
  readonly ours: Side;
  readonly f32: Side;
  readonly fasterWhisper: Side;
  /** Absent in a quick run. */
  readonly whisperCpp: Side | undefined;
}

/** What is timed round after round. */
function timedCells({ ours, fasterWhisper, whisperCpp }: Sides, clips: Clips): readonly Cell[] {
  const entries = (setting: Setting, peers: readonly Entry[]): readonly Entry[] => [
    { name: OURS, side: ours, setting, together: false },
    ...(whisperCpp === undefined ? [] : peers),
    { name: OURS_TOGETHER, side: ours, setting, together: true },
  ];
  const peer = (name: string, side: Side | undefined, setting: string): readonly Entry[] =>
    side === undefined ? [] : [{ name, side, setting, together: false }];
  const defaults = [...peer(FASTER_WHISPER, fasterWhisper, 'beam5'), ...peer(WHISPER_CPP, whisperCpp, 'beam5')];
  const greedy = peer(WHISPER_CPP, whisperCpp, 'greedy');
  const cells: readonly Cell[] = [
    {
      name: 'short greedy',
      clips: clips.short,
      entries: entries('greedy', [...peer(FASTER_WHISPER, fasterWhisper, 'greedy'), ...greedy]),
    },
    { name: 'short default', clips: clips.short, entries: entries('default', defaults) },
    {
      name: 'long greedy',
      clips: clips.long,
      entries: entries('greedy', [...peer(BATCHED, fasterWhisper, 'batch8'), ...greedy]),
    },
    { name: 'long default', clips: clips.long, entries: entries('default', defaults) },
  ];
  return cells.filter((cell) => cell.clips.length > 0);
}

/** What is run once, for its words. */
function wordCells({ ours, f32, fasterWhisper, whisperCpp }: Sides, clips: Clips): readonly Cell[] {
  const cells: Cell[] = (['greedy', 'default'] as const).flatMap((setting) => [
    { name: `short ${setting}`, clips: clips.short, entries: [entry(OURS_F32, f32, setting)] },
    { name: `long ${setting}`, clips: clips.long, entries: [entry(OURS_F32, f32, setting)] },
  ]);
  const silent = [entry(OURS, ours, 'default')];
  if (whisperCpp !== undefined) {
    cells.push(
      { name: 'short greedy', clips: clips.short, entries: [entry(BATCHED, fasterWhisper, 'batch8')] },
      { name: 'long greedy', clips: clips.long, entries: [entry(FASTER_WHISPER, fasterWhisper, 'greedy')] },
    );
    silent.push(entry(FASTER_WHISPER, fasterWhisper, 'beam5'), entry(WHISPER_CPP, whisperCpp, 'beam5'));
  }
  cells.push({ name: 'non-speech default', clips: clips.nonSpeech, entries: silent });
  return cells.filter((cell) => cell.clips.length > 0);
}

function entry(name: string, side: Side, setting: string): Entry {
  return { name, side, setting, together: false };
}

/** Segments that the engine is given for clips in which nobody speaks. */
async function segmentsOfSilence(ours: Side, { nonSpeech }: Clips): Promise<number> {
  const none = await ours.run({ clips: [], setting: 'default' });
  const all = await ours.run({ clips: nonSpeech.map(({ samples }) => samples), setting: 'default' });
  return (all.segments ?? 0) - (none.segments ?? 0);
}

async function compareWordTimes(ours: Side, clips: Clips, oracle: string): Promise<readonly number[]> {
  const known = readTimedWords(oracle);
  const both = [...clips.short, ...clips.long].filter(({ file }) => known.has(basename(file)));
  const { words = [] } = await ours.run({ clips: both.map(({ samples }) => samples), setting: 'greedy', words: true });
  return both.flatMap(({ file }, index) => startDistances(words[index] ?? [], known.get(basename(file)) ?? []));
}

async function wholeProcesses(peers: Peers, options: BenchOptions): Promise<readonly CommandTimes[]> {
  const clip = join(ROOT, 'examples/jfk.wav');
  const threads = ['--threads', String(options.threads)];
  return timeCommands(
    [
      {
        name: 'scriptorium transcribe jfk.wav',
        program: process.execPath,
        args: [join(ROOT, 'dist/cli/main.js'), 'transcribe', clip, '--quiet', ...threads],
      },
      {
        name: 'whisper-cli -f jfk.wav',
        program: peers.whisperCli,
        args: ['-m', MODEL, '-f', clip, '--no-prints', '--no-timestamps', ...threads],
      },
    ],
    WHOLE_PROCESS_ROUNDS,
  );
}

async function bench(options: BenchOptions, args: readonly string[]): Promise<Results> {
  const peers = await installPeers(options.home, options.python, options.quick);
  const { load } = await otherLoadDuring(() => new Promise((done) => setTimeout(done, LISTEN_MS)));
  if (load > QUIET_LOAD && !options.busy) {
    throw new Error(
      `other work takes ${load.toFixed(2)} of the cores: wait until the machine is quiet, or pass --busy`,
    );
  }
  const started: Side[] = [];
  const keep = async (side: Promise<Side>): Promise<Side> => {
    started.push(await side);
    return side;
  };
  try {
    const ours = await keep(startOurs(options, 'int8'));
    const f32 = await keep(startOurs(options, 'f32'));
    const fasterWhisper = await keep(startPeer(options, FASTER_WHISPER, peers.fasterWhisper, peers.fasterWhisperModel));
    const whisperCpp = options.quick ? undefined : await keep(startPeer(options, WHISPER_CPP, peers.whisperCpp, MODEL));
    return await measure({ ours, f32, fasterWhisper, whisperCpp }, peers, options, args);
  } finally {
    for (const side of started) await side[Symbol.asyncDispose]();
  }
}

async function measure(sides: Sides, peers: Peers, options: BenchOptions, args: readonly string[]): Promise<Results> {
  const { ours, fasterWhisper, whisperCpp } = sides;
  const clips = await readClips(options.manifest, options.speech, join(options.home, 'samples'), fasterWhisper);

  const timed = await runRounds(timedCells(sides, clips), options.rounds, say);
  const once = await runRounds(wordCells(sides, clips), 1, say);
  const nonSpeechSegments = await segmentsOfSilence(ours, clips);
  const wordDistances = options.oracle === undefined ? undefined : await compareWordTimes(ours, clips, options.oracle);
  const wholeProcess = options.quick
    ? []
    : await wholeProcesses(peers, options).catch((error: unknown) => {
        say(`whole process not measured: ${String(error)}`);
        return [];
      });
  const memory = options.memory
    ? await measureMemory(
        () => startOurs(options, 'int8'),
        clips.long.length > 0 ? clips.long : clips.short,
        join(options.home, 'memory'),
      )
    : undefined;
  // Where somebody keeps recordings says nothing to others.
  const shown = args.map((arg) => (isAbsolute(arg) || arg.startsWith('..') ? basename(arg) : arg));
  return {
    command: ['npm run bench --', ...shown].join(' '),
    date: new Date().toISOString().slice(0, 10),
    machine: machineLine(),
    versions: Object.fromEntries(
      [ours, fasterWhisper, ...(whisperCpp === undefined ? [] : [whisperCpp])].map(({ name, versions }) => [
        name,
        versions,
      ]),
    ),
    threads: options.threads,
    rounds: options.rounds,
    otherLoad: timed.otherLoad,
    clips,
    outcomes: [...timed.outcomes, ...once.outcomes],
    nonSpeechSegments,
    wholeProcess,
    wordDistances,
    memory,
  };
}

const args = process.argv.slice(2);
const options = readOptions(args, ROOT);
if (options === undefined) {
  console.log(HELP);
} else {
  const results = await bench(options, args);
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(join(options.home, 'results.json'), JSON.stringify(results, null, 1));
  writeFileSync(options.out, markdown(results));
  for (const { what, goal, measured, met } of goals(results))
    console.log(`${met.padEnd(12)} ${what}: ${measured} (${goal})`);
  say(`written: ${options.out}`);
}
