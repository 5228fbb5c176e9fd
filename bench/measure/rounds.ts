/** The heart of the bench: the same clips through every entry, in turn, round after round. */
import { setTimeout } from 'node:timers/promises';
import type { Clip } from '../clips.ts';
import type { Side } from '../sides/side.ts';
import { machineCpuSeconds, treeUse } from './processes.ts';

/** Threads of one system may spin for a fifth of a second after its work; the next one must not pay for it. */
const PAUSE_MS = 500;

/** One way to transcribe: a side with a setting. */
export interface Entry {
  readonly name: string;
  readonly side: Side;
  readonly setting: string;
  /** Whether the clips are handed over all at once. */
  readonly together: boolean;
}

/** Entries that are compared with each other on the same clips. */
export interface Cell {
  readonly name: string;
  readonly clips: readonly Clip[];
  readonly entries: readonly Entry[];
}

interface Timing {
  readonly wall: number;
  readonly cpu: number;
}

export interface Outcome {
  readonly cell: string;
  readonly entry: string;
  /** One a round, in order. */
  readonly timings: readonly Timing[];
  /** One a clip, of the first round. */
  readonly texts: readonly string[];
  /** Whether every round gave the same words. */
  readonly steady: boolean;
}

export interface Rounds {
  readonly outcomes: readonly Outcome[];
  /** Cores that other processes kept busy, of the worst round. */
  readonly otherLoad: number;
}

/** Cores kept busy by anything but this process and its children while `work` runs. */
export async function otherLoadDuring<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly load: number }> {
  const start = performance.now();
  const [machine, own] = [machineCpuSeconds(), treeUse(process.pid).cpuSeconds];
  const value = await work();
  const others = machineCpuSeconds() - machine - (treeUse(process.pid).cpuSeconds - own);
  return { value, load: Math.max(0, others) / ((performance.now() - start) / 1000) };
}

/**
 * Runs every entry of every cell once a round, forwards in even rounds and backwards in odd ones, after a first clip
 * each that does not count.
 *
 * @param say is told what is under way.
 */
export async function runRounds(cells: readonly Cell[], rounds: number, say: (line: string) => void): Promise<Rounds> {
  for (const { clips, entries } of cells) {
    for (const { side, setting, together } of entries) {
      await side.run({ clips: clips.slice(0, 1).map(({ samples }) => samples), setting, together });
    }
  }
  const seen = new Map<string, { readonly timings: Timing[]; readonly texts: readonly string[]; steady: boolean }>();
  let otherLoad = 0;
  for (let round = 0; round < rounds; round++) {
    const { load } = await otherLoadDuring(async () => {
      for (const { name, clips, entries } of cells) {
        for (const entry of round % 2 === 0 ? entries : entries.toReversed()) {
          await setTimeout(PAUSE_MS);
          const { wall, cpu, texts } = await entry.side.run({
            clips: clips.map(({ samples }) => samples),
            setting: entry.setting,
            together: entry.together,
          });
          say(`round ${round + 1}, ${name}, ${entry.name}: ${wall.toFixed(2)} s, CPU ${cpu.toFixed(2)} s`);
          const key = `${name}\n${entry.name}`;
          const known = seen.get(key) ?? { timings: [], texts, steady: true };
          known.timings.push({ wall, cpu });
          known.steady &&= known.texts.every((text, index) => text === texts[index]);
          seen.set(key, known);
        }
      }
    });
    otherLoad = Math.max(otherLoad, load);
  }
  const outcomes = [...seen].map(([key, value]) => {
    const [cell = '', entry = ''] = key.split('\n');
    return { cell, entry, ...value };
  });
  return { outcomes, otherLoad };
}
