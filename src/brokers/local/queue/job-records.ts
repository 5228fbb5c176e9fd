import type { JobSpec, Millis } from '../../../core/index.ts';
import { DEFAULT_ATTEMPTS, millis } from '../../../core/index.ts';
import type { Json } from '../../json.ts';
import { json } from '../../json.ts';
import type { Op } from '../store/op.ts';
import { under } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import type { DeadRecord } from './dead-letters.ts';
import type { Job, JobFacts, ShelfOf } from './job.ts';

/** Written once, when the job is put. */
interface Fixed<Body> {
  readonly facts: JobFacts;
  readonly seq: number;
  readonly enqueuedAt: Millis;
  readonly body: Body;
}

/** Written when it changes; wins over what `Fixed` says. */
interface Changing {
  readonly seq: number;
  readonly enqueuedAt: Millis;
  readonly attempts: number;
  readonly interruptions: number;
  readonly due?: Millis;
  readonly leased: boolean;
  /** Set when it is leased and nobody wants it any more. */
  readonly unwanted?: true;
}

/** So many are read from the disk at once. */
const PAGE = 1000;

/** What a queue keeps, each on the shelf of its job. */
export interface JobRecords<Body> {
  readonly shelf: ShelfOf;
  create(job: Job, bodyText: string): Op;
  change(job: Job): Op;
  /** All that is known of a job. */
  remove(id: string): readonly Op[];
  dead(id: string, record: DeadRecord | undefined): Op;
  recent(id: string, until: Millis | undefined): Op;
  /** @throws Error for a job that was not created. */
  body(job: Job): Body;
  load(): Promise<Loaded>;
}

export interface Loaded {
  /** In order of arrival; those that were leased are marked. */
  readonly jobs: readonly { readonly job: Job; readonly interrupted: boolean; readonly unwanted: boolean }[];
  readonly dead: readonly DeadRecord[];
  readonly recent: readonly (readonly [id: string, until: Millis])[];
}

export const factsOf = (spec: JobSpec<unknown>): JobFacts => ({
  id: spec.id,
  session: spec.session,
  tenant: spec.tenant,
  jobClass: spec.jobClass,
  slot: spec.slot,
  revision: spec.revision,
  maxAttempts: spec.maxAttempts ?? DEFAULT_ATTEMPTS,
  ...(spec.supersedeKey === undefined ? {} : { supersedeKey: spec.supersedeKey }),
  ...(spec.notAfter === undefined ? {} : { notAfter: spec.notAfter }),
});

/** @param name of the queue: its keys start with it. */
export function jobRecords<Body>(name: string, store: Pick<Store, 'range'>, shelf: ShelfOf): JobRecords<Body> {
  const prefix = { job: `${name}/job`, state: `${name}/state`, dead: `${name}/dead`, recent: `${name}/recent` };
  const fixed = json<Fixed<Body>>();
  const changing = json<Changing>();
  const dead = json<DeadRecord>();
  const all = async <T>(of: string, { read }: Json<T>): Promise<readonly (readonly [string, T])[]> => {
    const found: (readonly [string, T])[] = [];
    const { to, ...start } = under(of);
    for (let { from } = start; ;) {
      const rows = await store.range({ from, to, limit: PAGE });
      for (const [key, text] of rows) found.push([key.slice(of.length + 1), read(text)]);
      const [last] = rows.at(-1) ?? [];
      if (last === undefined || rows.length < PAGE) return found;
      from = `${last}\u0000`;
    }
  };

  return {
    shelf,
    create: ({ facts, seq, enqueuedAt }, bodyText) => ({
      key: `${prefix.job}/${facts.id}`,
      value: `{"facts":${JSON.stringify(facts)},"seq":${seq},"enqueuedAt":${enqueuedAt},"body":${bodyText}}`,
    }),
    change({ facts, seq, enqueuedAt, attempts, interruptions, state }) {
      const due = state.kind === 'delayed' ? { due: state.due } : {};
      const leased = state.kind === 'leased';
      const unwanted = leased && state.flag !== undefined ? ({ unwanted: true } as const) : {};
      const value = changing.write({ seq, enqueuedAt, attempts, interruptions, leased, ...due, ...unwanted });
      return { key: `${prefix.state}/${facts.id}`, value };
    },
    remove: (id) => [{ key: `${prefix.job}/${id}` }, { key: `${prefix.state}/${id}` }],
    dead: (id, record) => ({
      key: `${prefix.dead}/${id}`,
      ...(record === undefined ? {} : { value: dead.write(record) }),
    }),
    recent: (id, until) => ({
      key: `${prefix.recent}/${id}`,
      ...(until === undefined ? {} : { value: String(until) }),
    }),
    body({ facts }) {
      const text = shelf(facts).get(`${prefix.job}/${facts.id}`);
      if (text === undefined) throw new Error(`job ${facts.id} has no body`);
      return fixed.read(text).body;
    },
    async load() {
      const changed = new Map(await all(prefix.state, changing));
      const letters = await all(prefix.dead, dead);
      const recent = await all(prefix.recent, json<Millis>());
      const deadIds = new Set(letters.map(([id]) => id));
      const jobs = (await all(prefix.job, fixed))
        .filter(([id]) => !deadIds.has(id))
        .map(([id, record]) => {
          const now = changed.get(id);
          const due = now?.due;
          const job: Job = {
            facts: record.facts,
            seq: now?.seq ?? record.seq,
            enqueuedAt: now?.enqueuedAt ?? record.enqueuedAt,
            attempts: now?.attempts ?? 0,
            interruptions: now?.interruptions ?? 0,
            state: due === undefined ? { kind: 'ready' } : { kind: 'delayed', due: millis(due) },
          };
          return { job, interrupted: now?.leased === true, unwanted: now?.unwanted === true };
        })
        .sort((a, b) => a.job.seq - b.job.seq);
      return {
        jobs,
        dead: letters.map(([, record]) => record).sort((a, b) => a.letter.at - b.letter.at),
        recent: [...recent].sort(([, a], [, b]) => a - b),
      };
    },
  };
}
