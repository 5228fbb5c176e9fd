/** What live sessions cost each part of a site: people speak in real time into processes of their own, engines only pretend. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { startMeasuredRedis } from '../broker/redis.ts';
import { makeStreams, readSpoken } from '../live/streams.ts';
import { treeUse } from '../measure/processes.ts';
import { startPart, startServing, type Server } from '../service/servers.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'dist/cli/main.js');
const SPEECH = join(ROOT, 'test/fixtures/speech');
const SHARE = 0.6;
const SCRIPTED = ['--engine', 'scripted'];

/** CPU, in milliseconds for each second of a session. */
export interface SessionCost {
  readonly sessions: number;
  /** One process with everything in it, on the local broker. */
  readonly local: number;
  readonly gateway: number;
  readonly worker: number;
  readonly aggregator: number;
  readonly redis: number;
  readonly redisKbASecond: number;
}

async function secondsOfSpeech(sessions: number, seconds: number): Promise<number> {
  const clips = await readSpoken(join(SPEECH, 'manifest.jsonl'), SPEECH);
  return makeStreams(clips, sessions, seconds, SHARE).reduce((sum, { pcm }) => sum + pcm.length / 16_000, 0);
}

/** @returns CPU seconds that each of the servers took meanwhile. */
async function speakInto(
  url: string,
  servers: readonly Server[],
  sessions: number,
  seconds: number,
): Promise<number[]> {
  const options = {
    url,
    manifest: join(SPEECH, 'manifest.jsonl'),
    speech: SPEECH,
    sessions,
    seconds,
    share: SHARE,
    compare: false,
  };
  const program = ['--import', 'tsx', join(ROOT, 'bench/live/speakers.ts'), JSON.stringify(options)];
  const before = servers.map(({ pid }) => treeUse(pid).cpuSeconds);
  await promisify(execFile)(process.execPath, program, { cwd: ROOT, maxBuffer: 2 ** 28 });
  return servers.map(({ pid }, index) => treeUse(pid).cpuSeconds - (before[index] ?? 0));
}

/** On a Redis of its own: the gateway refuses one whose processes have agreed on another place for blobs. */
export async function measureSessionCost(sessions: number, seconds: number): Promise<SessionCost> {
  await using redis = await startMeasuredRedis();
  const home = mkdtempSync(join(tmpdir(), 'scriptorium-bench-'));
  const spoken = await secondsOfSpeech(sessions, seconds);
  const perSecond = (cpuSeconds = 0): number => (cpuSeconds * 1000) / spoken;
  try {
    const alone = await startServing(MAIN, join(home, 'cache'), SCRIPTED);
    const [local] = await speakInto(alone.origin, [alone], sessions, seconds);
    await alone[Symbol.asyncDispose]();

    const shared = ['--broker', redis.url, '--blobs-dir', join(home, 'blobs'), '--cache-dir', join(home, 'cache')];
    const parts: Server[] = [];
    try {
      for (const role of ['gateway', 'worker', 'aggregator'] as const) {
        const own = [...shared, '--data-dir', join(home, role)];
        parts.push(await startPart(MAIN, role, role === 'worker' ? [...own, ...SCRIPTED] : own));
      }
      const before = await redis.figures();
      const [gateway, worker, aggregator] = await speakInto(parts[0]?.origin ?? '', parts, sessions, seconds);
      const after = await redis.figures();
      return {
        sessions,
        local: perSecond(local),
        gateway: perSecond(gateway),
        worker: perSecond(worker),
        aggregator: perSecond(aggregator),
        redis: perSecond(after.cpuSeconds - before.cpuSeconds),
        redisKbASecond: (after.bytesIn + after.bytesOut - before.bytesIn - before.bytesOut) / 1000 / spoken,
      };
    } finally {
      for (const part of parts) await part[Symbol.asyncDispose]();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
