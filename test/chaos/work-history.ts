/** What a site's processes did with its jobs, as their logs tell it, and whether that may happen. */
import { z } from 'zod';

const STEPS = { 'job put': 'put', 'job leased': 'lease', 'job committed': 'commit' } as const;

const Line = z.object({
  message: z.enum(['job put', 'job leased', 'job committed']),
  jobId: z.string(),
  token: z.number().default(0),
  /** What the broker said; nothing when it was only asked, or failed. */
  answer: z.string().optional(),
});

export interface WorkStep {
  readonly kind: 'put' | 'lease' | 'commit';
  readonly job: string;
  /** Of the lease; 0 for a put. */
  readonly token: number;
  readonly answer?: string;
}

/** The step that a line of a log tells; undefined for all other lines. */
export function readStep(line: string): WorkStep | undefined {
  if (!line.includes('"message":"job ')) return undefined;
  const read = Line.safeParse(JSON.parse(line));
  if (!read.success) return undefined;
  const { message, jobId, token, answer } = read.data;
  return { kind: STEPS[message], job: jobId, token, ...(answer === undefined ? {} : { answer }) };
}

/**
 * Each job is leased under tokens of its own, only after somebody asked to put it, and committed once, by the owner of its last
 * lease. Nothing is said of order: lines of several processes have none. What was done but not answered is in no line, so that
 * nothing can be said of lines that are missing, either.
 */
export function workViolations(steps: readonly WorkStep[]): readonly string[] {
  const found: string[] = [];
  const jobs = new Map<string, { readonly tokens: Set<number>; isPut: boolean; readonly commits: number[] }>();
  const ownerOf = new Map<number, string>();
  for (const { kind, job, token, answer } of steps) {
    const known = jobs.get(job) ?? { tokens: new Set(), isPut: false, commits: [] };
    jobs.set(job, known);
    if (kind === 'put') known.isPut = true;
    else if (kind === 'lease') {
      const owner = ownerOf.get(token);
      if (owner !== undefined) found.push(`job ${job}: leased under token ${token}, as ${owner} was`);
      ownerOf.set(token, job);
      known.tokens.add(token);
    } else if (answer === 'committed') known.commits.push(token);
  }
  for (const [job, { tokens, isPut, commits }] of jobs) {
    if (!isPut) found.push(`job ${job}: leased or committed, though nobody put it`);
    if (commits.length > 1) found.push(`job ${job}: committed ${commits.length} times`);
    const [committed] = commits;
    if (committed === undefined) continue;
    if (!tokens.has(committed)) found.push(`job ${job}: committed under token ${committed}, which nobody was given`);
    const last = Math.max(...tokens);
    if (last > committed) found.push(`job ${job}: committed under token ${committed} beside a lease of token ${last}`);
  }
  return found;
}
