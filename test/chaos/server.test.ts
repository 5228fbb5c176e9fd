/** `npm run chaos` does the same for longer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixture, mustBeBuilt } from '../e2e/testing/running-server.ts';
import { runChaos } from './server-chaos.ts';
import { seeded } from './seeded.ts';

/** Half a minute on two cores; more than that only on a machine that is busy with other things. */
const PATIENCE_MS = 180_000;

let folder: string;
beforeAll(async () => {
  mustBeBuilt();
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-chaos-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test(
  'whatever is killed, every job ends once, with the words of its recording and all samples accounted for',
  async () => {
    const recordings = [fixture('speech/LJ002-0035.flac'), fixture('speech/common_voice_en_22058266.mp3')];
    const {
      texts,
      recordings: of,
      failures,
      unsound,
      killed,
    } = await runChaos({
      folder,
      recordings,
      jobs: 16,
      childKills: 3,
      serverKills: 2,
      segmentsBetween: 2,
      random: seeded(1),
      flags: ['--beam-size', '1', '--cache-dir', join(folder, 'cache')],
      log: () => undefined,
    });
    expect(failures).toEqual([]);
    expect(unsound).toEqual([]);
    expect(killed.servers).toBe(2);
    expect(killed.children).toBeGreaterThan(0);
    for (const path of recordings) {
      const heard = new Set([...texts].flatMap(([id, text]) => (of.get(id) === path ? [text] : [])));
      expect(heard.size).toBe(1);
    }
  },
  PATIENCE_MS,
);
