import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { BuiltGraphs } from '../graph/graph-cache.ts';
import type { RunGraph } from '../decode/run-graph.ts';

export interface EngineSessions {
  readonly encoder: RunGraph;
  readonly decoder: RunGraph;
  /** Whether others compute on the same cores: then one thread does what all of them would only get in each other's way with. */
  keepCompany(others: boolean): void;
}

/** A model whose graphs are larger is not loaded a second time: its memory is worth more than the time it would save. */
const MAX_SECOND_COPY_BYTES = 512 * 1024 * 1024;

/**
 * How long a thread waits awake for the next operator, which mostly follows at once, before it sleeps. To be woken takes longer than
 * many an operator does; to wait awake for long takes a core from a sibling that has work.
 */
const SPIN_MICROSECONDS = 50;

/** The runtime would report to its makers which sessions are made, and write a name of this machine into its user's folder. */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

interface Pair {
  readonly encoder: ort.InferenceSession;
  readonly decoder: ort.InferenceSession;
}

/**
 * The graphs, ready to run with all threads while nobody else computes, and with one while others do: two processes of one thread
 * each do 8 % more files than two of two threads, and answer twice as soon when both are full. What runs with one thread is
 * loaded when it is first needed.
 *
 * @throws what ONNX Runtime does.
 */
export async function openSessions(graphs: BuiltGraphs, threads: number): Promise<EngineSessions> {
  const all = await openPair(graphs, threads);
  let single: Pair | undefined = threads === 1 ? all : undefined;
  let isTried = single !== undefined;
  let hasCompany = false;

  async function loadSingle(): Promise<void> {
    isTried = true;
    if ((await bytesIn(graphs.folder)) > MAX_SECOND_COPY_BYTES) return;
    // Without it all threads go on as before.
    single = await openPair(graphs, 1).catch(() => undefined);
  }
  const current = (): Pair => (hasCompany ? (single ?? all) : all);

  return {
    encoder: (inputs, outputs) => current().encoder.run(inputs, outputs),
    decoder: (inputs, outputs) => current().decoder.run(inputs, outputs),
    keepCompany(others) {
      hasCompany = others;
      if (others && !isTried) void loadSingle();
    },
  };
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function openPair({ encoder, decoder }: BuiltGraphs, threads: number): Promise<Pair> {
  const options: ort.InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // A thread that is held up by a sibling has its share taken over by the others, for work is handed out in small blocks.
    extra: {
      session: {
        intra_op: { allow_spinning: '1', spin_duration_us: String(SPIN_MICROSECONDS) },
        dynamic_block_base: '4',
      },
    },
  };
  const create = (graph: string): Promise<ort.InferenceSession> => ort.InferenceSession.create(graph, options);
  const [first, second] = await Promise.all([create(encoder), create(decoder)]);
  return { encoder: first, decoder: second };
}
