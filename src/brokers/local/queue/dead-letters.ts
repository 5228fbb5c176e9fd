import type { DeadLetter, Millis } from '../../../core/index.ts';
import type { JobFacts } from './job.ts';

/** A dead letter and the job that it was; the body stays where it stood. */
export interface DeadRecord {
  readonly letter: DeadLetter;
  readonly facts: JobFacts;
}

/** Jobs that nobody will try again unless somebody asks. */
export interface DeadLetters {
  readonly size: number;
  has(id: string): boolean;
  add(record: DeadRecord): void;
  remove(id: string): DeadRecord | undefined;
  /** Newest first. */
  newest(limit: number): readonly DeadRecord[];
  ofSession(session: string): readonly DeadRecord[];
  /** Forgets what is too old or too many. @returns what it was. */
  prune(now: Millis): readonly DeadRecord[];
}

const MAX_DEAD = 1000;
const DEAD_KEPT_MS = 86_400_000;

/** Letters are added in the order of their times. */
export function deadLetters(): DeadLetters {
  const records = new Map<string, DeadRecord>();
  return {
    get size() {
      return records.size;
    },
    has: (id) => records.has(id),
    add: (record) => {
      records.set(record.letter.id, record);
    },
    remove(id) {
      const record = records.get(id);
      records.delete(id);
      return record;
    },
    newest: (limit) => [...records.values()].slice(-limit).reverse(),
    ofSession: (session) => [...records.values()].filter(({ letter }) => letter.session === session),
    prune(now) {
      const over: DeadRecord[] = [];
      for (const record of records.values()) {
        if (record.letter.at + DEAD_KEPT_MS > now && records.size <= MAX_DEAD) break;
        records.delete(record.letter.id);
        over.push(record);
      }
      return over;
    },
  };
}
