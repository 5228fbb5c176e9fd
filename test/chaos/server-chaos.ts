/** A server whose engine processes and itself are killed at random moments while it has jobs, and what became of the jobs. */
import { z } from 'zod';
import { childrenOf, formOf, killProcess, startServer, type RunningServer } from '../e2e/testing/running-server.ts';
import { metricSum } from '../../bench/measure/metric-sum.ts';

export interface ChaosPlan {
  /** The server's own, empty. */
  readonly folder: string;
  readonly recordings: readonly string[];
  readonly jobs: number;
  /** Kills of one engine process, and of the server itself. */
  readonly childKills: number;
  readonly serverKills: number;
  /** Segments that end between two kills: with fewer, the same one might be hit three times, which ends its job. */
  readonly segmentsBetween: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly flags: readonly string[];
  readonly log: (line: string) => void;
}

const Job = z.object({
  id: z.string(),
  status: z.string(),
  error: z.object({ code: z.string() }).nullable(),
  ledger: z.record(z.string(), z.union([z.number(), z.record(z.string(), z.number())])).nullable(),
});

export interface ChaosEnd {
  /** Text by job; undefined for one that did not succeed. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  /** Which recording each job was of. */
  readonly recordings: ReadonlyMap<string, string>;
  readonly failures: readonly string[];
  /** Jobs whose samples don't add up, or whose events have a hole or a repetition. */
  readonly unsound: readonly string[];
  readonly killed: { readonly children: number; readonly servers: number };
}

/** A long run says now and then that it goes on. */
const KILLS_BETWEEN_LINES = 50;

/** Kills come spread over the work: one each time so many more segments have ended. */
export async function runChaos(plan: ChaosPlan): Promise<ChaosEnd> {
  const { jobs, childKills, serverKills, segmentsBetween, random, log } = plan;
  let server = await start(plan);
  const recordings = new Map<string, string>();
  const kills = shuffled([...repeat('child', childKills), ...repeat('server', serverKills)], random);
  const killed = { children: 0, servers: 0 };
  try {
    for (let i = 0; i < jobs; i++) {
      const path = plan.recordings[i % plan.recordings.length] ?? '';
      recordings.set(await submit(server, path, `chaos-${String(i)}`), path);
    }
    for (const [index, kind] of kills.entries()) {
      if (index > 0 && index % KILLS_BETWEEN_LINES === 0) log(`${index} kills of ${kills.length} so far`);
      await segmentsEnd(server, segmentsBetween);
      await wait(random() * MOST_MS_BEFORE_KILL);
      if (kind === 'server') {
        server.kill('SIGKILL');
        await server.exited;
        server = await start(plan);
        killed.servers++;
      } else killed.children += await killChild(server, random);
    }
    log(`killed ${JSON.stringify(killed)}`);
    const ended = new Map<string, z.infer<typeof Job>>();
    for (const id of recordings.keys()) ended.set(id, await end(server, id));
    const texts = new Map<string, string | undefined>();
    const unsound: string[] = [];
    for (const [id, job] of ended) {
      texts.set(id, job.status === 'succeeded' ? await textOf(server, id) : undefined);
      if (!isClosed(job) || !(await isGapless(server, id))) unsound.push(id);
    }
    const failures = [...ended.values()].flatMap(({ error, status }) =>
      status === 'succeeded' ? [] : [`${status} ${error?.code ?? ''}`],
    );
    return { texts, recordings, failures, unsound, killed };
  } finally {
    server.kill('SIGKILL');
    await server.exited;
  }
}

/** About as long as an engine takes to be there again, and for a segment. */
const MOST_MS_BEFORE_KILL = 1500;
const LOOK_EVERY_MS = 50;

const start = ({ folder, flags }: ChaosPlan): Promise<RunningServer> => startServer(folder, ...flags);
const repeat = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

async function submit({ url }: RunningServer, path: string, key: string): Promise<string> {
  const body = await formOf(path);
  const answer = await fetch(`${url}/v1/jobs`, { method: 'POST', body, headers: { 'idempotency-key': key } });
  if (answer.status !== 202) throw new Error(`a job was refused: ${await answer.text()}`);
  return z.object({ id: z.string() }).parse(await answer.json()).id;
}

/** Waits until so many more segments have ended, or nothing is left to do. */
async function segmentsEnd({ url }: RunningServer, count: number): Promise<void> {
  let before: number | undefined;
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const ended = metricSum(text, 'scriptorium_jobs_total', {
      labels: /kind="transcribe",.*end="committed"/u,
      none: 0,
    });
    before ??= ended;
    if (ended - before >= count || metricSum(text, 'scriptorium_queue_depth') === 0) return;
    await wait(LOOK_EVERY_MS);
  }
}

/** Kills one engine process of the server; 0 when it has none just now. */
async function killChild(server: RunningServer, random: () => number): Promise<number> {
  const children = await childrenOf(server);
  const victim = children[Math.floor(random() * children.length)];
  return victim !== undefined && killProcess(victim) ? 1 : 0;
}

async function end({ url }: RunningServer, id: string): Promise<z.infer<typeof Job>> {
  for (;;) {
    const job = Job.parse(await (await fetch(`${url}/v1/jobs/${id}?wait=30`)).json());
    if (job.status !== 'queued' && job.status !== 'running') return job;
  }
}

const textOf = async ({ url }: RunningServer, id: string): Promise<string> =>
  (await fetch(`${url}/v1/jobs/${id}/result?format=text`)).text();

function isClosed({ ledger }: z.infer<typeof Job>): boolean {
  if (ledger === null) return false;
  const parts = Object.entries(ledger).flatMap(([name, value]) => {
    if (name === 'received') return [];
    return typeof value === 'number' ? [value] : Object.values(value);
  });
  return parts.reduce((sum, part) => sum + part, 0) === ledger['received'];
}

async function isGapless({ url }: RunningServer, id: string): Promise<boolean> {
  const text = await (await fetch(`${url}/v1/jobs/${id}/events`)).text();
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number));
  const segments = [...text.matchAll(/"index":(\d+)/g)].map(([, number]) => Number(number));
  return ids.length > 0 && ids.every((seq, i) => seq === i + 1) && segments.every((index, i) => index === i);
}
