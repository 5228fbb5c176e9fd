/** What happened at a site, as its clients and its own logs saw it, and whether that may happen: checked afterwards, as Jepsen does. */
import { z } from 'zod';
import { workViolations, type WorkStep } from './work-history.ts';

/** An event of a live session: its number, its kind, and what it says. */
export const ToldEvent = z.looseObject({ type: z.string(), seq: z.number().optional() });
export type ToldEvent = z.infer<typeof ToldEvent>;

export interface SessionHistory {
  readonly id: string;
  /** Samples that were sent, 16 kHz. */
  readonly sent: number;
  /** Texts of finals of the same sound when nothing happens; undefined where they may differ. */
  readonly expected: readonly string[] | undefined;
  /** As the speaker was told. */
  readonly told: readonly ToldEvent[];
  /** As somebody who watches from its beginning is told once it has ended. */
  readonly log: readonly ToldEvent[];
  /** What its client gave up with. */
  readonly failure?: string;
}

export interface JobHistory {
  readonly id: string;
  readonly expected: string;
  /** What one saw who asked, in order; the last after its end. */
  readonly seen: readonly { readonly status: string; readonly text?: string }[];
}

export interface History {
  readonly sessions: readonly SessionHistory[];
  readonly jobs: readonly JobHistory[];
  /** Processes that ended though nobody told them to, with what they said last. */
  readonly lost: readonly string[];
  /** What was done with jobs inside. */
  readonly work: readonly WorkStep[];
  /** Jobs that still wait or were given up when all that was asked for has ended. */
  readonly left: QueueLeft;
}

export interface QueueLeft {
  readonly waiting: number;
  readonly dead: number;
}

const Final = z.looseObject({ type: z.literal('final'), segment: z.number(), text: z.string() });
const Ended = z.looseObject({
  type: z.literal('ended'),
  reason: z.string(),
  ledger: z.object({ received: z.number() }).catchall(z.union([z.number(), z.record(z.string(), z.number())])),
});

const finalsOf = (events: readonly ToldEvent[]): readonly z.infer<typeof Final>[] =>
  events.flatMap((event) => (event.type === 'final' ? [Final.parse(event)] : []));

/** Everything that must not have happened, each in a line; none when all is well. */
export function violations({ sessions, jobs, lost, work, left }: History): readonly string[] {
  return [
    ...lost,
    ...sessions.flatMap((one) => sessionViolations(one).map((what) => `session ${one.id}: ${what}`)),
    ...jobs.flatMap((one) => jobViolations(one).map((what) => `file ${one.id}: ${what}`)),
    ...workViolations(work),
    ...(left.waiting > 0 ? [`${left.waiting} jobs still wait after all has ended`] : []),
    ...(left.dead > 0 ? [`${left.dead} jobs were given up`] : []),
  ];
}

function sessionViolations({ sent, expected, told, log, failure }: SessionHistory): readonly string[] {
  if (failure !== undefined) return [`its client gave up: ${failure}`];
  const found: string[] = [];
  // Partials that were overtaken are passed over; the client itself sees that no other number is missing.
  log.forEach(({ seq = 0 }, index) => {
    const before = log[index - 1]?.seq ?? 0;
    if (seq <= before) found.push(`event ${seq} follows event ${before}`);
  });
  const finals = finalsOf(log);
  finals.forEach(({ segment }, index) => {
    if (segment <= (finals[index - 1]?.segment ?? -1))
      found.push(`a second final of segment ${segment}, or one out of order`);
  });
  const texts = finals.map(({ text }) => text).filter((text) => text !== '');
  if (expected === undefined) {
    if (texts.length === 0) found.push('it has no final with words');
  } else if (JSON.stringify(texts) !== JSON.stringify(expected)) {
    found.push(`its finals are ${JSON.stringify(texts)} in place of ${JSON.stringify(expected)}`);
  }
  const seen = finalsOf(told);
  const differs = seen.find(({ segment, text }) => finals.find((one) => one.segment === segment)?.text !== text);
  if (differs !== undefined) found.push(`the final of segment ${differs.segment} was told in two ways`);
  if (seen.length !== finals.length) found.push(`its speaker was told ${seen.length} finals of ${finals.length}`);
  return [...found, ...endViolations(log, sent)];
}

function endViolations(log: readonly ToldEvent[], sent: number): readonly string[] {
  const ends = log.flatMap((event) => (event.type === 'ended' ? [Ended.parse(event)] : []));
  const [ended] = ends;
  if (ended === undefined) return ['it did not end'];
  const found: string[] = [];
  if (ends.length > 1 || log.at(-1)?.type !== 'ended') found.push('something follows its end');
  if (ended.reason !== 'done') found.push(`it ended as ${ended.reason}`);
  const { received, ...parts } = ended.ledger;
  if (received !== sent) found.push(`${received} samples were received of ${sent}`);
  const sum = Object.values(parts)
    .flatMap((part) => (typeof part === 'number' ? [part] : Object.values(part)))
    .reduce((total, count) => total + count, 0);
  if (sum !== received) found.push(`its ledger sums up to ${sum} of ${received} samples`);
  return found;
}

function jobViolations({ expected, seen }: JobHistory): readonly string[] {
  const found: string[] = [];
  const end = seen.findIndex(({ status }) => status === 'succeeded' || status === 'failed' || status === 'cancelled');
  if (end < 0) return [`it did not end: ${seen.at(-1)?.status ?? 'never seen'}`];
  const [first, ...later] = seen.slice(end);
  if (first?.status !== 'succeeded') found.push(`it ended as ${first?.status}`);
  else if (first.text !== expected) found.push(`its text is ${JSON.stringify(first.text)}`);
  if (later.some(({ status, text }) => status !== first?.status || text !== first.text)) {
    found.push('it changed after its end');
  }
  return found;
}
