import type { CommittedOutcome, JobClass, Millis, ResultLog, TakeOptions } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import type { Fence } from '../queue/fence.ts';
import type { ResultHooks } from '../queue/job-moves.ts';
import type { Job, JobFacts, ShelfOf } from '../queue/job.ts';
import type { LocalQueue } from '../queue/local-queue.ts';
import { schedule } from '../schedule.ts';
import { json } from '../../json.ts';
import type { Op, Shelf } from '../store/op.ts';
import { under } from '../store/store.ts';
import { waitingRoom } from '../waiting-room.ts';
import type { World } from '../world.ts';

export interface OutcomeLogOptions<Outcome> {
  /** How long a taker may take to say `done`. */
  readonly hold: Millis;
  /** With so many pending, no more jobs are handed out. */
  readonly limit: number;
  /** What a dead letter leaves. */
  readonly deadOutcome: (reason: string, attempts: number) => Outcome;
  readonly shelf: ShelfOf;
}

/** Outcomes between commit and `done`, and of each slot how far it is. */
export interface OutcomeLog<Outcome> {
  readonly hooks: ResultHooks;
  /** The port, over the queue whose jobs it settles. */
  port(queue: Pick<LocalQueue<unknown>, 'owned' | 'finish' | 'wake'>): ResultLog<Outcome>;
  /** Takes up what the disk holds. */
  load(): Promise<void>;
  /** What to write, to both shelves, to forget a session. */
  forget(session: string): Promise<readonly Op[]>;
  close(): void;
}

interface Pending {
  readonly session: string;
  readonly jobClass: JobClass;
  heldUntil?: Millis;
}

/** How far a slot is: nothing follows a result that is not partial. */
interface Mark {
  readonly revision: number;
  readonly last: boolean;
}

const OUTCOMES = 'outcome';
const MARKS = 'mark';
const ID_DIGITS = 16;
const outcomeKey = (id: number): string => `${OUTCOMES}/${String(id).padStart(ID_DIGITS, '0')}`;
const markKey = ({ session, slot }: Pick<JobFacts, 'session' | 'slot'>): string => `${MARKS}/${session}/${slot}`;

export function outcomeLog<Outcome>(
  world: World,
  fence: Fence,
  { hold, limit, deadOutcome, shelf }: OutcomeLogOptions<Outcome>,
): OutcomeLog<Outcome> {
  type Row = CommittedOutcome<Outcome> & Pick<JobFacts, 'jobClass'>;
  const { now, store, memory } = world;
  const rows = json<Row>();
  const marks = json<Mark>();
  const room = waitingRoom(world.clock);
  const pending = new Map<number, Pending>();
  /** Those that nobody holds, in order. */
  const free: number[] = [];

  const holds = schedule(world.clock, now, (key, at) => {
    const id = Number(key);
    const entry = pending.get(id);
    if (entry?.heldUntil !== at) return;
    delete entry.heldUntil;
    free.push(id);
    free.sort((a, b) => a - b);
    room.wake();
  });

  const known = (facts: JobFacts): boolean => {
    const text = shelf(facts).get(markKey(facts));
    const mark = text === undefined ? undefined : marks.read(text);
    return mark !== undefined && (mark.last || mark.revision >= facts.revision);
  };

  /** Enters an outcome; the caller writes what is returned before this turn of the event loop is over. */
  const enter = ({ facts, attempts }: Job, outcome: Outcome): readonly Op[] => {
    const { id: jobId, session, slot, revision, jobClass } = facts;
    const row: Row = {
      id: fence.next(),
      jobId,
      session,
      slot,
      revision,
      attempt: attempts,
      at: now(),
      outcome,
      jobClass,
    };
    pending.set(row.id, { session, jobClass });
    free.push(row.id);
    queueMicrotask(() => room.wake());
    return [
      { key: outcomeKey(row.id), value: rows.write(row) },
      { key: markKey(facts), value: marks.write({ revision, last: jobClass !== 'partial' }) },
    ];
  };

  const take = ({ limit: most }: TakeOptions): readonly CommittedOutcome<Outcome>[] | undefined => {
    const ids = free.splice(0, most);
    const until = millis(now() + hold);
    const taken = ids.flatMap((id) => {
      const entry = pending.get(id);
      const text = entry === undefined ? undefined : shelf(entry).get(outcomeKey(id));
      if (entry === undefined || text === undefined) return [];
      entry.heldUntil = until;
      holds.add(until, String(id));
      const { jobClass: _, ...outcome } = rows.read(text);
      return [outcome];
    });
    return taken.length === 0 ? undefined : taken;
  };

  const remove = (id: number, { heldUntil }: Pending): void => {
    pending.delete(id);
    if (heldUntil === undefined) free.splice(free.indexOf(id), 1);
  };

  const settle = async (ids: readonly number[]): Promise<void> => {
    const ops = new Map<Shelf, Op[]>();
    for (const id of ids) {
      const entry = pending.get(id);
      if (entry === undefined) continue;
      remove(id, entry);
      const from = shelf(entry);
      ops.set(from, [...(ops.get(from) ?? []), { key: outcomeKey(id) }]);
    }
    await Promise.all([...ops].map(([from, some]) => from.write(some)));
  };

  return {
    hooks: {
      known,
      died: (job, reason) => enter(job, deadOutcome(reason, job.attempts)),
      revived: (facts) => [{ key: markKey(facts) }],
      behind: () => pending.size >= limit,
    },
    port: (queue) => ({
      async commit(lease, outcome) {
        world.checkOpen();
        const job = queue.owned(lease);
        if (job === undefined) return 'stale';
        const duplicate = known(job.facts);
        const ops = [...queue.finish(job), ...(duplicate ? [] : enter(job, outcome))];
        await shelf(job.facts).write(ops);
        return duplicate ? 'duplicate' : 'committed';
      },
      async take(options) {
        world.checkOpen();
        holds.run();
        return (await room.wait(() => take(options), options)) ?? [];
      },
      async done(ids) {
        world.checkOpen();
        await settle(ids);
        queue.wake();
      },
      pending: () => pending.size,
    }),
    async load() {
      for (const [, text] of await store.range(under(OUTCOMES))) {
        const { id, session, jobClass } = rows.read(text);
        pending.set(id, { session, jobClass });
        free.push(id);
      }
    },
    async forget(session) {
      const marked = await store.range(under(`${MARKS}/${session}`));
      memory.removePrefix(`${MARKS}/${session}/`);
      const entries = [...pending].filter(([, entry]) => entry.session === session);
      for (const [id, entry] of entries) remove(id, entry);
      return [...marked.map(([key]) => ({ key })), ...entries.map(([id]) => ({ key: outcomeKey(id) }))];
    },
    close() {
      room.close();
      holds.close();
    },
  };
}
