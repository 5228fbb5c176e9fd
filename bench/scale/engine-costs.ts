/** What the real engine takes on one core for speech of many lengths, greedy as partials are and with a beam as finals are. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSpoken } from '../live/streams.ts';
import { startSide } from '../sides/side.ts';
import { fitCost, type Cost, type Costs, type Timing } from './costs.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SPEECH = join(ROOT, 'test/fixtures/speech');
const RATE = 16_000;
const LENGTHS = [1, 2, 3, 5, 7, 9, 12, 16, 20, 25, 29];
const STARTS = [0, 13, 31, 47];

/** Files of raw floats, cut from the recordings one after the other. */
async function cutClips(folder: string): Promise<readonly { readonly path: string; readonly seconds: number }[]> {
  const clips = await readSpoken(join(SPEECH, 'manifest.jsonl'), SPEECH);
  const all = Float32Array.from(clips.flatMap(({ pcm }) => Array.from(pcm, (value) => value / 32_768)));
  mkdirSync(folder, { recursive: true });
  return LENGTHS.flatMap((seconds) =>
    STARTS.map((start) => {
      const path = join(folder, `${seconds}-${start}.f32`);
      const from = (start * RATE) % Math.max(1, all.length - seconds * RATE);
      writeFileSync(path, all.subarray(from, from + seconds * RATE));
      return { path, seconds };
    }),
  );
}

export async function measureEngine(home: string): Promise<Costs> {
  const clips = await cutClips(join(home, 'scale'));
  const command = [process.execPath, '--import', 'tsx', join(ROOT, 'bench/sides/ours.ts')] as const;
  const load = { model: 'tiny.en', cacheFolder: join(home, 'cache'), threads: 1, precision: 'int8' };
  await using side = await startSide('scriptorium', command, load);
  const measure = async (setting: 'greedy' | 'default'): Promise<Cost> => {
    const timings: Timing[] = [];
    for (const { path, seconds } of clips) {
      const { wall } = await side.run({ clips: [path], setting });
      timings.push({ seconds, ms: wall * 1000 });
    }
    return fitCost(timings);
  };
  await measure('greedy');
  return { partial: await measure('greedy'), final: await measure('default') };
}
