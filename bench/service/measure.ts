/** What is measured of the service: throughput against the engine alone and against other servers, and what people feel. */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quantile } from '../measure/statistics.ts';
import { treeUse } from '../measure/processes.ts';
import { wavHeader } from '../sides/wav.ts';
import type { LoadResult } from './load.ts';
import { sendAll, watch } from './load.ts';
import type { Recording } from './recordings.ts';
import type { Server } from './servers.ts';

/** Who send at once. */
export const CLIENTS = 8;
const HOUR_SECONDS = 3600;
const RATE = 16_000;
/** Lone files sent while nothing else is done, and while an hour is. */
const LONE_FILES = 30;
const HEALTH_EVERY_MS = 50;
const FEW_REQUESTS = 200;
const MANY_REQUESTS = 2000;

export interface Load {
  readonly name: string;
  readonly requestsASecond: number;
  readonly p95: number;
  readonly texts: readonly string[];
}

export function summary(name: string, { wall, waits, texts }: LoadResult): Load {
  return { name, requestsASecond: waits.length / wall, p95: quantile(waits, 0.95), texts };
}

/** Every recording once, by eight clients. */
export async function throughput(server: Server, recordings: readonly Recording[]): Promise<Load> {
  return summary(server.name, await sendAll(server.url, recordings, CLIENTS));
}

/** 99 % of the answers of `/healthz` came within so many ms while both cores transcribed. */
export async function healthUnderLoad(server: Server, recordings: readonly Recording[]): Promise<number> {
  const stop = new AbortController();
  const watching = watch(`${server.origin}/healthz`, HEALTH_EVERY_MS, stop.signal);
  await sendAll(server.url, recordings, CLIENTS);
  stop.abort();
  return quantile(await watching, 0.99);
}

export interface Interactive {
  /** 95 % of lone 5 s files were answered within so many seconds. */
  readonly idle: number;
  /** The same while an hour-long job ran. */
  readonly busy: number;
  /** Whether the job was still running when the last file was answered. */
  readonly jobRan: boolean;
}

/** @param five a recording of 5 s. @param folder where the hour is written. */
export async function interactiveDuringJob(server: Server, five: Recording, folder: string): Promise<Interactive> {
  const files = Array.from({ length: LONE_FILES }, () => five);
  // An identical upload joins work under way, but one client alone has none.
  const lone = async (): Promise<number> => quantile((await sendAll(server.url, files, 1)).waits, 0.95);
  await lone();
  const idle = await lone();
  const hour = join(folder, 'hour.wav');
  await writeHour(hour, five);
  const form = new FormData();
  form.set('file', new Blob([await readFile(hour)]), 'hour.wav');
  const created = await fetch(`${server.origin}/v1/jobs`, { method: 'POST', body: form });
  if (created.status !== 202) throw new Error(`the job was refused: ${await created.text()}`);
  const job = new URL(created.headers.get('location') ?? '', server.origin);
  const busy = await lone();
  const state = await (await fetch(job)).text();
  await fetch(`${job.href}/cancel`, { method: 'POST' });
  return { idle, busy, jobRan: state.includes('"running"') };
}

async function writeHour(path: string, five: Recording): Promise<void> {
  const piece = (await readFile(five.wav)).subarray(wavHeader('pcm16', 0).length);
  const bytes = HOUR_SECONDS * RATE * 2;
  const whole = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += piece.length) piece.copy(whole, at);
  writeFileSync(path, Buffer.concat([wavHeader('pcm16', bytes), whole]));
}

/** Bytes of the server's processes after many requests over those after a few. */
export async function memoryGrowth(server: Server, recordings: readonly Recording[]): Promise<number> {
  const short = recordings.toSorted((a, b) => a.seconds - b.seconds).slice(0, CLIENTS * 2);
  const send = async (requests: number): Promise<number> => {
    await sendAll(
      server.url,
      Array.from({ length: requests }, (_, index) => short[index % short.length] ?? { wav: '' }),
      CLIENTS,
    );
    return treeUse(server.pid).residentBytes;
  };
  const few = await send(FEW_REQUESTS);
  return (await send(MANY_REQUESTS - FEW_REQUESTS)) / few;
}
