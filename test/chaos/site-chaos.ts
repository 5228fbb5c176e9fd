/** A site whose processes and whose Redis are killed, frozen, stopped and cut off at random while people speak and files come in. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createClient, type Client, type WatchedId } from '../../src/client/index.ts';
import { JFK } from '../e2e/testing/running-server.ts';
import { startSiteWith, type Member, type Role, type Site } from '../e2e/testing/site.ts';
import { ToldEvent, type History, type JobHistory, type QueueLeft, type SessionHistory } from './history.ts';
import { metricSum } from '../../bench/measure/metric-sum.ts';
import { watchMembers } from './watch-members.ts';
import { readStep, type WorkStep } from './work-history.ts';

export interface SiteChaosPlan {
  readonly seconds: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Who speak at once, and who send files. */
  readonly speakers: number;
  readonly senders: number;
  /** Faults of Redis come while others last. */
  readonly overlap: boolean;
  /** What finals `whisper` has settled on depends on when partials came, so that only `scripted` can be held to the words of a calm session. */
  readonly engine: 'scripted' | 'whisper';
  /** Takes what is done to the site. */
  readonly log: (line: string) => void;
  /** Takes all that its processes log. */
  readonly record?: (line: string) => void;
}

export interface SiteChaosEnd {
  readonly history: History;
  /** How often each kind of fault came. */
  readonly faults: Readonly<Record<string, number>>;
}

const JUMPING_CLOCK = fileURLToPath(new URL('jumping-clock.mjs', import.meta.url));
const CREW: readonly Role[] = ['gateway', 'gateway', 'worker', 'worker', 'worker', 'aggregator', 'aggregator'];
const WAV_HEAD = 44;
const BYTES_A_SECOND = 32_000;
const FRAME = 3200;
/** Sound is sent four times as fast as it is spoken. */
const FRAME_MS = 25;
/** Between two faults, and how long one lasts. */
const CALM_MS = 2500;
const FAULT_MS = 3000;
/** A client gives up after this, as a violation. */
const PATIENCE_MS = 120_000;

const RETRY_MS = 200;
/** Of what a process said before it ended, in characters. */
const LAST_WORDS = 2000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export async function runSiteChaos(plan: SiteChaosPlan): Promise<SiteChaosEnd> {
  const work: WorkStep[] = [];
  const onLine = (line: string, member: string): void => {
    plan.record?.(`${member} ${line}`);
    const step = readStep(line);
    if (step !== undefined) work.push(step);
  };
  const opened = await startSiteWith({ preload: JUMPING_CLOCK, onLine }, '--engine', plan.engine);
  const lost: string[] = [];
  await using site = watchMembers(opened, (one, code) => {
    lost.push(`a ${one.role} ended by itself with ${String(code)}: ${one.stderr().slice(-LAST_WORDS)}`);
    plan.log(lost.at(-1) ?? '');
  });
  await Promise.all(CREW.map((role) => site.start(role)));
  const sound = await soundOf();
  const calm = await speak(site, sound, undefined);
  const told = (calm?.log ?? []).flatMap((event) =>
    event.type === 'final' && typeof event['text'] === 'string' && event['text'] !== '' ? [event['text']] : [],
  );
  const expected = plan.engine === 'scripted' ? told : undefined;
  const text = (await send(site, '')).seen.at(-1)?.text ?? '';
  plan.log(`calm: ${told.length} finals, a text of ${text.length} characters`);

  const until = performance.now() + plan.seconds * 1000;
  const isOver = (): boolean => performance.now() >= until;
  const sessions: SessionHistory[] = [];
  const jobs: JobHistory[] = [];
  const repeat = async (what: () => Promise<void>): Promise<void> => {
    while (!isOver()) await what();
  };
  const faults = bringAll(site, plan, isOver);
  await Promise.all([
    ...Array.from({ length: plan.speakers }, () =>
      repeat(async () => {
        const one = await speak(site, sound, expected);
        if (one !== undefined) sessions.push(one);
        else await pause(RETRY_MS);
      }),
    ),
    ...Array.from({ length: plan.senders }, () => repeat(async () => void jobs.push(await send(site, text)))),
  ]);
  const counts = await faults;
  const left = await leftOf(site);
  return { history: { sessions, jobs, lost: [...lost], work: [...work], left }, faults: counts };
}

/** What the queue still holds once it has had a client's patience to become empty. */
async function leftOf({ url }: Site): Promise<QueueLeft> {
  const begun = performance.now();
  for (;;) {
    const metrics = await persist(async () => (await fetch(`${url}/metrics`)).text());
    const [waiting, dead] = [
      metricSum(metrics, 'scriptorium_queue_depth'),
      metricSum(metrics, 'scriptorium_queue_dead'),
    ];
    if (waiting === 0 || performance.now() - begun > PATIENCE_MS) return { waiting, dead };
    await pause(RETRY_MS);
  }
}

async function soundOf(): Promise<Uint8Array> {
  const speech = (await readFile(JFK)).subarray(WAV_HEAD);
  return Buffer.concat([speech, new Uint8Array(2 * BYTES_A_SECOND)]);
}

async function speak(
  { url }: Site,
  sound: Uint8Array,
  expected: readonly string[] | undefined,
): Promise<SessionHistory | undefined> {
  const client = createClient({ url });
  const session = client.live({ times: { connect: PATIENCE_MS, reconnect: PATIENCE_MS } });
  const told: ToldEvent[] = [];
  const history = { sent: sound.length / 2, expected, told };
  try {
    const listening = (async () => {
      for await (const event of session) told.push(ToldEvent.parse(event));
    })();
    const speaking = (async () => {
      for (let at = 0; at < sound.length; at += FRAME) {
        await session.send(sound.subarray(at, at + FRAME));
        await pause(FRAME_MS);
      }
      await session.end();
    })();
    await Promise.all([listening, speaking]);
    const known = session.session() ?? { id: '', viewToken: '' };
    const log = await persist(() => watched(client, known));
    return { ...history, id: known.id, log };
  } catch (error) {
    const known = session.session();
    // A first connection may be refused: then there is no session.
    if (known === undefined) return undefined;
    return { ...history, id: known.id, log: [], failure: messageOf(error) };
  }
}

async function watched(client: Client, session: WatchedId): Promise<readonly ToldEvent[]> {
  const log: ToldEvent[] = [];
  for await (const event of client.watch(session, { connect: PATIENCE_MS, reconnect: PATIENCE_MS })) {
    if ('seq' in event) log.push(ToldEvent.parse(event));
  }
  return log;
}

/** Does it until it can be done, within a client's patience. */
async function persist<T>(what: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  for (;;) {
    try {
      return await what();
    } catch (error) {
      if (performance.now() - begun > PATIENCE_MS) throw error;
      await pause(RETRY_MS);
    }
  }
}

/** Sends a file, again and again until it is accepted; then asks until it has ended, and once more. */
async function send({ url }: Site, expected: string): Promise<JobHistory> {
  const { jobs } = createClient({ url });
  const file = new File([await openAsBlob(JFK)], 'jfk.wav');
  const seen: { readonly status: string; readonly text?: string }[] = [];
  let id = 'none';
  try {
    ({ id } = await persist(() => jobs.create(file, {})));
    const { status } = await persist(() => jobs.wait(id));
    for (let time = 0; time < 2; time++) {
      seen.push(status === 'succeeded' ? { status, text: await persist(() => jobs.document(id, 'text')) } : { status });
    }
  } catch (error) {
    seen.push({ status: `given up: ${messageOf(error)}` });
  }
  return { id, expected, seen };
}

type Faults = Readonly<Record<string, () => Promise<void>>>;

function redisFaults({ redis }: Site, { random }: SiteChaosPlan): Faults {
  return {
    async 'kill redis'() {
      await redis.kill();
      await pause(random() * FAULT_MS);
      await redis.start();
    },
    async 'freeze redis'() {
      redis.signal('SIGSTOP');
      await pause(random() * FAULT_MS);
      redis.signal('SIGCONT');
    },
  };
}

function processFaults(site: Site, { random, log }: SiteChaosPlan): Faults {
  const least = (role: Role): number => CREW.filter((one) => one === role).length;
  const victim = (): Member | undefined => {
    const members = site.members();
    return members[Math.floor(random() * members.length)];
  };
  const replace = async ({ role }: Member): Promise<void> => {
    await pause(random() * FAULT_MS);
    while (site.members().filter((one) => one.role === role).length < least(role)) {
      // One that starts while Redis is down says so and ends, and is started again by whoever looks after it.
      await site.start(role).catch(() => pause(RETRY_MS));
    }
  };
  return {
    async kill() {
      const one = victim();
      if (one === undefined) return;
      log(`  ${one.role}`);
      one.signal('SIGKILL');
      await one.exited;
      await replace(one);
    },
    async stop() {
      const one = victim();
      if (one === undefined) return;
      log(`  ${one.role}`);
      one.signal('SIGTERM');
      await Promise.all([one.exited, replace(one)]);
      await replace(one);
    },
    async freeze() {
      const one = victim();
      log(`  ${one?.role ?? 'nobody'}`);
      one?.signal('SIGSTOP');
      await pause(random() * 2 * FAULT_MS);
      one?.signal('SIGCONT');
    },
    async cut() {
      site.cut();
    },
    async 'jump of a clock'() {
      victim()?.signal('SIGUSR2');
    },
  };
}

/** One fault after the other, each made good before the next but one. Counts how many of each came. */
async function bring(
  faults: Faults,
  { random, log }: SiteChaosPlan,
  isOver: () => boolean,
  counts: Record<string, number>,
): Promise<void> {
  const names = Object.keys(faults);
  while (!isOver()) {
    await pause(random() * CALM_MS);
    const name = names[Math.floor(random() * names.length)] ?? 'kill';
    log(name);
    counts[name] = (counts[name] ?? 0) + 1;
    await faults[name]?.();
  }
}

async function bringAll(
  site: Site,
  plan: SiteChaosPlan,
  isOver: () => boolean,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  const [ofRedis, others] = [redisFaults(site, plan), processFaults(site, plan)];
  const sides = plan.overlap ? [ofRedis, others] : [{ ...others, ...ofRedis }];
  await Promise.all(sides.map((faults) => bring(faults, plan, isOver, counts)));
  return counts;
}
