import type { DoctorCheck } from '../../app/index.ts';
import type { Call } from '../command.ts';
import { FAILURE, INTERRUPTED, SUCCESS, type ExitCode } from '../exit-codes.ts';
import { styleFor } from '../terminal/style.ts';

const NAME_COLUMNS = 16;

/** `scriptorium doctor`: prints each check as it is done; the report is data, so it goes to stdout. */
export async function doctor(call: Call): Promise<ExitCode> {
  const { world, config } = call;
  const style = styleFor(world.stdout, world.machine.env);
  const marks = { ok: style.green('✓'), warn: style.yellow('!'), fail: style.red('✗') };
  const checks: DoctorCheck[] = [];
  const app = await call.createApp();
  try {
    for await (const check of app.doctor(world.interrupted)) {
      checks.push(check);
      if (config.json) continue;
      const fix = check.fix === undefined ? '' : `${' '.repeat(NAME_COLUMNS + 4)}${style.dim(check.fix)}\n`;
      await world.stdout.write(`${marks[check.status]} ${check.name.padEnd(NAME_COLUMNS)}  ${check.detail}\n${fix}`);
    }
  } finally {
    await app[Symbol.asyncDispose]();
  }
  if (world.interrupted.aborted) return INTERRUPTED;
  const healthy = checks.every((check) => check.status !== 'fail');
  if (config.json)
    await world.stdout.write(`${JSON.stringify({ healthy, version: world.version, checks }, null, 2)}\n`);
  return healthy ? SUCCESS : FAILURE;
}
