/** The session store port: one record a transcription or live session, changed by compare-and-set. */
import type { Millis } from '../units.ts';

export interface Versioned<Record> {
  readonly id: string;
  /** 1 when created; one more with every save. */
  readonly version: number;
  readonly tenant: string;
  readonly record: Record;
}

export interface ListOptions {
  /** All of them unless told. */
  readonly tenant?: string;
  /** `desc` starts with the highest id, which is the newest where ids sort by time. */
  readonly order: 'asc' | 'desc';
  /** The id that the page before ended with. */
  readonly after?: string;
  readonly limit: number;
}

/** `Record` is plain JSON. What a method resolves with is on the disk: a crash takes nothing back. */
export interface SessionStore<Record> {
  /** Of two at once, one creates and the other finds what the first wrote. Without `ttl` it stays until it is removed. */
  create(
    id: string,
    tenant: string,
    record: Record,
    ttl?: Millis,
  ): Promise<{ readonly status: 'created' } | ({ readonly status: 'exists' } & Versioned<Record>)>;
  read(id: string): Promise<Versioned<Record> | undefined>;
  /**
   * Replaces the record if it still has that version; `conflict`: read it again. `ttl` starts the time to live anew, without
   * it the earlier one goes on. `gone`: removed, or past its time.
   */
  save(id: string, version: number, record: Record, ttl?: Millis): Promise<'ok' | 'conflict' | 'gone'>;
  /** `false` when there was none. Only the record: `Broker.forget` removes all that belongs to it. */
  remove(id: string): Promise<boolean>;
  /** By id; a record that is there all the while is on exactly one page. */
  list(options: ListOptions): Promise<readonly Versioned<Record>[]>;
}
