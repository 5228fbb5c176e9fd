/** Clients that send recordings over HTTP as OpenAI's do, and how long each waited. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Answer = z.object({ text: z.string() });

export interface LoadResult {
  /** Seconds from the first request to the last answer. */
  readonly wall: number;
  /** Seconds that each request took, in the order of their ends. */
  readonly waits: readonly number[];
  /** One a recording. */
  readonly texts: readonly string[];
}

/**
 * Sends every recording once, by `clients` at a time.
 * @param url where the form goes. @throws Error with the answer of a request that was refused.
 */
export async function sendAll(
  url: string,
  recordings: readonly { readonly wav: string }[],
  clients: number,
): Promise<LoadResult> {
  const files = recordings.map(({ wav }) => new Blob([readFileSync(wav)], { type: 'audio/wav' }));
  const texts = files.map(() => '');
  const waits: number[] = [];
  let next = 0;
  const start = performance.now();
  const client = async (): Promise<void> => {
    for (let index = next++; index < files.length; index = next++) {
      const begun = performance.now();
      texts[index] = await send(url, files[index] ?? new Blob([]));
      waits.push((performance.now() - begun) / 1000);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { wall: (performance.now() - start) / 1000, waits, texts };
}

async function send(url: string, file: Blob): Promise<string> {
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('language', 'en');
  form.set('response_format', 'json');
  form.set('file', file, 'recording.wav');
  const response = await fetch(url, { method: 'POST', body: form });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body}`);
  return Answer.parse(JSON.parse(body)).text;
}

/** How long `GET url` takes, in ms, again and again until `stop` aborts. */
export async function watch(url: string, everyMs: number, stop: AbortSignal): Promise<readonly number[]> {
  const times: number[] = [];
  while (!stop.aborted) {
    const begun = performance.now();
    await (await fetch(url)).arrayBuffer();
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  return times;
}
