import type { JobMoves } from './job-moves.ts';
import type { JobRecords, Loaded } from './job-records.ts';

/** A job that was leased so often when the process ended may be why it did. */
const MAX_INTERRUPTIONS = 10;

/**
 * Puts what the disk held back to where it stood; leases of the process that ended are void.
 * @returns the number of the last job that arrived.
 */
export function takeUp(
  loaded: Loaded,
  { table, dead, recent, setState, drop, kill, write }: JobMoves,
  records: Pick<JobRecords<unknown>, 'change'>,
): number {
  for (const record of loaded.dead) dead.add(record);
  for (const [id, until] of loaded.recent) recent.add(id, until);
  for (const { job, interrupted, unwanted } of loaded.jobs) {
    const { state } = job;
    table.add(job);
    // Its time goes on where it was.
    if (state.kind === 'delayed') setState(job, state);
    if (unwanted) void write(job, drop(job));
    if (unwanted || !interrupted) continue;
    job.attempts--;
    job.interruptions++;
    const often = `the server ended ${job.interruptions} times while it was under way`;
    void write(job, job.interruptions >= MAX_INTERRUPTIONS ? kill(job, often) : [records.change(job)]);
  }
  return loaded.jobs.at(-1)?.job.seq ?? 0;
}
