import { OPTION_LIST, envName, type OptionName } from '../../config/index.ts';
import type { PoolStatus } from '../../app/server/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import type { Call } from '../command.ts';
import { SUCCESS, type ExitCode } from '../exit-codes.ts';
import { until } from '../terminal/until.ts';

/** Decimals of what is told: hundredths of a worker are noise. */
const DECIMALS = 2;
/** What is the supervisor's own, and no setting of a worker. */
const OWN: readonly OptionName[] = ['min', 'max', 'workerSlots', 'calm', 'quiet'];

/** Runs until the first Ctrl-C or SIGTERM, then drains. Each state that differs from the one before is a line of JSON. */
export async function superviseWorkers({ world, config, given }: Call): Promise<ExitCode> {
  if (config.broker === 'local') {
    throw new ScriptoriumError(
      'usage-invalid',
      'workers apart need the broker that they share with the others: --broker redis://HOST',
    );
  }
  const settings = OPTION_LIST.flatMap(([name, option]) => {
    const value = given.has(name) && !OWN.includes(name) ? config[name] : undefined;
    return value === undefined ? [] : [[envName(option), String(value)] as const];
  });
  let last = '';
  const tell = (status: PoolStatus): void => {
    const line = shown(status);
    if (line !== last) void world.stdout.write(line).catch(() => undefined);
    last = line;
  };
  const log = (line: string): void => void world.stderr.write(line).catch(() => undefined);
  const supervisor = await world.startSupervisor(config, Object.fromEntries(settings), tell, log);
  try {
    await until(world.interrupted);
  } finally {
    await supervisor.stop();
  }
  return SUCCESS;
}

function shown({ running, starting, draining, wanted, lost, slots, demand }: PoolStatus): string {
  const round = (value: number): number => Number(value.toFixed(DECIMALS));
  const why = {
    slots: round(slots),
    live: round(demand.livePlaces),
    urgent: demand.urgentJobs,
    batch: demand.batchJobs,
    job_seconds: round(demand.jobSeconds),
    cpu: demand.cpu === undefined ? null : round(demand.cpu),
  };
  return `${JSON.stringify({ type: 'status', running, starting, draining, wanted, lost, ...why })}\n`;
}
