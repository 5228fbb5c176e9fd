/** What a worker has done since it started. */
export interface WorkDone {
  /** Seconds of work on jobs of live speech. */
  readonly liveSeconds: number;
  /** Seconds of work on jobs of every kind that an engine does, and how many those were. */
  readonly engineSeconds: number;
  readonly engineJobs: number;
}

const LINE = /^scriptorium_job_work_seconds_(sum|count)\{kind="([a-z]+)"\} (\S+)$/u;
/** Decoding a file is no work of an engine. */
const PREPARE = 'prepare';

/** Reads what a worker's `/metrics` says of its jobs; what is not there is 0. */
export function readWork(metrics: string): WorkDone {
  let [liveSeconds, engineSeconds, engineJobs] = [0, 0, 0];
  for (const line of metrics.split('\n')) {
    const [, part, kind, text] = LINE.exec(line) ?? [];
    const value = Number(text);
    if (part === undefined || kind === PREPARE || !Number.isFinite(value)) continue;
    if (part === 'count') engineJobs += value;
    else {
      engineSeconds += value;
      if (kind === 'live') liveSeconds += value;
    }
  }
  return { liveSeconds, engineSeconds, engineJobs };
}
