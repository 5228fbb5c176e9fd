import type { z } from 'zod';
import { suggestion } from '../../config/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import { Job, JobList } from '../../protocol/index.ts';
import type { Call } from '../command.ts';
import { exitCodeOfAll, SUCCESS, type ExitCode } from '../exit-codes.ts';
import { errorLines } from '../report-error.ts';
import { askServer } from '../server/ask-server.ts';
import { clock } from '../terminal/durations.ts';
import { table } from '../terminal/table.ts';

type Action = (ids: readonly string[], call: Call) => Promise<ExitCode>;

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['list', list],
  ['ls', list],
  ['show', show],
  ['cancel', forEach((id, call) => askServer(call, 'POST', `/v1/jobs/${encodeURIComponent(id)}/cancel`, Job))],
  ['retry', forEach((id, call) => askServer(call, 'POST', `/v1/jobs/${encodeURIComponent(id)}/retry`, Job))],
]);

/** `scriptorium jobs ACTION`: the jobs of a running server. */
export async function jobs(call: Call): Promise<ExitCode> {
  const [name = 'list', ...ids] = call.positionals;
  const action = ACTIONS.get(name);
  if (action === undefined) throw usage(`jobs has no action ${name}${suggestion(name, ACTIONS.keys())}`);
  return action(ids, call);
}

const usage = (message: string): ScriptoriumError => new ScriptoriumError('usage-invalid', message);

/** Every job: newest first in the table, as the server's pages come in JSON. */
async function list(ids: readonly string[], call: Call): Promise<ExitCode> {
  if (ids.length > 0) throw usage('jobs list takes no ids; jobs show does');
  const all: Job[] = [];
  let after: string | null = null;
  do {
    const cursor: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const page: z.infer<typeof JobList> = await askServer(call, 'GET', `/v1/jobs?limit=100${cursor}`, JobList);
    if (call.config.json) for (const job of page.data) await call.world.stdout.write(`${JSON.stringify(job)}\n`);
    else all.push(...page.data);
    after = page.next;
  } while (after !== null && !call.world.interrupted.aborted);
  if (call.config.json) return SUCCESS;
  const rows = all.toSorted((a, b) => b.created_at.localeCompare(a.created_at)).map(rowOf);
  await call.world.stdout.write(table(['ID', 'STATUS', 'DONE', 'CREATED', 'FILE'], rows));
  return SUCCESS;
}

const rowOf = ({ id, status, progress, created_at: created, file }: Job): string[] => [
  id,
  status,
  `${String(Math.floor(progress.fraction * 100))}%`,
  created.replace('T', ' ').replace(/\.\d+Z$/, 'Z'),
  file.name,
];

async function show(ids: readonly string[], call: Call): Promise<ExitCode> {
  const [id, ...others] = ids;
  if (id === undefined || others.length > 0) throw usage('jobs show needs one id; jobs list shows them');
  const job = await askServer(call, 'GET', `/v1/jobs/${encodeURIComponent(id)}`, Job);
  await call.world.stdout.write(call.config.json ? `${JSON.stringify(job)}\n` : describe(job));
  return SUCCESS;
}

function describe(job: Job): string {
  const { progress, error } = job;
  const total = progress.audio_seconds_total;
  const done = clock(progress.audio_seconds_done * 1000);
  const facts: (readonly [string, string | null])[] = [
    ['id', job.id],
    ['status', job.status],
    ['file', `${job.file.name} (${String(job.file.bytes)} bytes)`],
    ['model', job.model],
    ['created', job.created_at],
    ['started', job.started_at],
    ['finished', job.finished_at],
    ['kept until', job.expires_at],
    ['done', total === null ? done : `${done} of ${clock(total * 1000)}`],
    ['jobs ahead', progress.queue_position === null ? null : String(progress.queue_position)],
    ['time left', progress.eta_seconds === null ? null : `about ${clock(progress.eta_seconds * 1000)}`],
    ['error', error === null ? null : `${error.detail} (${error.code}) ${error.action}`],
    ...Object.entries(job.metadata),
  ];
  return table(
    [],
    facts.flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

/** Does something for each id; all are tried, and what failed is told. Prints what each has become. */
function forEach(work: (id: string, call: Call) => Promise<Job>): Action {
  return async (ids, call) => {
    if (ids.length === 0) throw usage('name one id or several; scriptorium jobs list shows them');
    const failures: unknown[] = [];
    for (const id of ids) {
      try {
        const job = await work(id, call);
        await call.world.stdout.write(call.config.json ? `${JSON.stringify(job)}\n` : `${job.id} ${job.status}\n`);
      } catch (error) {
        failures.push(error);
        await call.world.stderr.write(errorLines(error, call.style));
      }
    }
    return exitCodeOfAll(failures, ids.length);
  };
}
