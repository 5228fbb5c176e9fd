import { expect, test } from 'vitest';
import { millis } from '../core/index.ts';
import { handClock, settled } from '../core/testing/hand-clock.ts';
import { DEFAULT_SCALING } from './scaling.ts';
import { supervise, type PoolStatus, type WorkerProcess } from './supervise.ts';

interface MadeProcess extends WorkerProcess {
  readonly getReady: () => void;
  readonly exit: (reason: string) => void;
  readonly told: readonly string[];
}

function madeProcess(): MadeProcess {
  let getReady = (): void => {};
  let exit = (_reason: string): void => {};
  const told: string[] = [];
  return {
    ready: new Promise((resolve) => (getReady = resolve)),
    exited: new Promise((resolve) => (exit = resolve)),
    sample: () =>
      told.includes('hang')
        ? Promise.reject(new Error('no answer'))
        : Promise.resolve({ done: { liveSeconds: 0, engineSeconds: 0, engineJobs: 0 }, cpuSeconds: undefined }),
    drain: () => void told.push('drain'),
    kill: () => void told.push('kill'),
    getReady: () => getReady(),
    exit: (reason) => exit(reason),
    told,
  };
}

function made(min: number, max: number) {
  const clock = handClock();
  const processes: MadeProcess[] = [];
  const lost: string[] = [];
  let urgent = 0;
  let last: PoolStatus | undefined;
  const none = { depth: 0, limit: 1, oldest: millis(0) };
  const supervision = supervise({
    clock,
    start() {
      const process = madeProcess();
      processes.push(process);
      return process;
    },
    queue: () => ({ classes: { final: none, partial: none, interactive: { ...none, depth: urgent }, batch: none } }),
    rules: { ...DEFAULT_SCALING, slotsPerWorker: 1, min, max },
    drain: millis(5000),
    every: millis(2000),
    calm: millis(10_000),
    cpuPerWorker: 1,
    onStatus: (status) => (last = status),
    onLost: (id, reason) => lost.push(`${String(id)}: ${reason}`),
  });
  return {
    clock,
    processes,
    lost,
    supervision,
    fill: (jobs: number) => (urgent = jobs),
    last: () => last,
    ready: async () => {
      for (const process of processes) process.getReady();
      await settled();
    },
  };
}

test('workers are added at once, and drained when fewer were enough for a while', async () => {
  const { clock, processes, fill, last, ready, supervision } = made(1, 3);
  await ready();
  expect(processes).toHaveLength(1);
  fill(15);
  await clock.pass(2000);
  await ready();
  expect(last()).toMatchObject({ running: 3, wanted: 3, slots: 3 });
  fill(0);
  await clock.pass(9000);
  expect(last()).toMatchObject({ running: 3 });
  await clock.pass(4000);
  expect(last()).toMatchObject({ running: 1, draining: 2, wanted: 1 });
  expect(processes.map(({ told }) => told)).toEqual([[], ['drain'], ['drain']]);
  // One does not end: it is killed once its time and ten seconds are over.
  processes[1]?.exit('exit code 0');
  await clock.pass(16_000);
  expect(processes[2]?.told).toEqual(['drain', 'kill']);
  processes[2]?.exit('SIGKILL');
  const stopping = supervision.stop();
  processes[0]?.exit('exit code 0');
  await stopping;
  expect(last()).toMatchObject({ running: 0, draining: 0 });
  expect(clock.timers()).toBe(0);
});

test('a worker that ends by itself is told of and replaced, and one that says nothing is no reason to stop', async () => {
  const { clock, processes, lost, last, ready, supervision } = made(2, 2);
  await ready();
  processes[0]?.exit('SIGKILL');
  await settled();
  expect(lost).toEqual(['1: SIGKILL']);
  await clock.pass(2000);
  await ready();
  expect(last()).toMatchObject({ running: 2, lost: 1 });
  await clock.pass(60_000);
  expect(last()).toMatchObject({ running: 2, lost: 1 });
  const stopping = supervision.stop();
  for (const process of processes) process.exit('exit code 0');
  await stopping;
});
