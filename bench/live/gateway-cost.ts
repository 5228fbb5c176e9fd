/** What a live session costs a gateway whose engine only pretends, beside a server that does nothing but count the same bytes. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { treeUse } from '../measure/processes.ts';
import { startCounting, startServing, type Server } from '../service/servers.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SENDER = join(ROOT, 'bench/live/frame-sender.ts');
const WAV_HEAD = 44;
/** Before it is measured, code is warm and every session has spoken. */
const WARM_SECONDS = 5;

export interface GatewayCost {
  readonly sessions: number;
  /** CPU for each second of a session, in milliseconds. */
  readonly oursMs: number;
  readonly countingMs: number;
}

async function costOf(server: Server, sessions: number, seconds: number, sound: string): Promise<number> {
  const send = (long: number): Promise<unknown> =>
    promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      SENDER,
      server.origin,
      String(sessions),
      String(long),
      sound,
    ]);
  await send(WARM_SECONDS);
  const before = treeUse(server.pid).cpuSeconds;
  await send(seconds);
  return ((treeUse(server.pid).cpuSeconds - before) * 1000) / (sessions * seconds);
}

/** @param main the built command. @param home where caches are, and a file of sound is put. */
export async function measureGatewayCost(
  main: string,
  home: string,
  sessions: number,
  seconds: number,
): Promise<GatewayCost> {
  const sound = join(home, 'jfk.s16');
  writeFileSync(sound, readFileSync(join(ROOT, 'examples/jfk.wav')).subarray(WAV_HEAD));
  let countingMs: number;
  {
    await using counting = await startCounting();
    countingMs = await costOf(counting, sessions, seconds, sound);
  }
  await using ours = await startServing(main, join(home, 'cache'), ['--engine', 'scripted']);
  return { sessions, countingMs, oursMs: await costOf(ours, sessions, seconds, sound) };
}
