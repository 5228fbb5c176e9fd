import type { App, ModelEntry } from '../../app/index.ts';
import { suggestion } from '../../config/index.ts';
import { asScriptoriumError, ScriptoriumError } from '../../core/index.ts';
import type { Call } from '../command.ts';
import { exitCodeOfAll, INTERRUPTED, SUCCESS, type ExitCode } from '../exit-codes.ts';
import { pullView } from '../progress/pull-view.ts';
import { errorLines } from '../report-error.ts';
import { size } from '../terminal/durations.ts';
import { table } from '../terminal/table.ts';

type Action = (app: App, names: readonly string[], call: Call) => Promise<ExitCode>;

const ACTIONS: ReadonlyMap<string, Action> = new Map([
  ['list', list],
  ['ls', list],
  ['pull', pull],
  ['info', info],
  ['show', info],
  ['rm', remove],
  ['remove', remove],
  ['verify', verify],
]);

/** `scriptorium models ACTION`. */
export async function models(call: Call): Promise<ExitCode> {
  const [name, ...names] = call.positionals;
  const action = name === undefined ? list : ACTIONS.get(name);
  if (action === undefined) {
    throw usage(`models has no action ${name ?? ''}${suggestion(name ?? '', ACTIONS.keys())}`);
  }
  const app = await call.createApp();
  try {
    return await action(app, names, call);
  } finally {
    await app[Symbol.asyncDispose]();
  }
}

const usage = (message: string): ScriptoriumError => new ScriptoriumError('usage-invalid', message);

/** Prints data: a JSON line where asked, else text. */
const print = ({ world, config }: Call, value: unknown, text: string): Promise<void> =>
  world.stdout.write(config.json ? `${JSON.stringify(value)}\n` : text);

async function list(app: App, names: readonly string[], call: Call): Promise<ExitCode> {
  if (names.length > 0) throw usage('models list takes no names; models info does');
  const entries = await app.models.list();
  const rows = entries.map((entry) => [
    entry.name,
    size(entry.bytes),
    entry.multilingual ? 'multilingual' : 'English',
    entry.state === 'absent' ? '' : entry.state,
    entry.licence,
  ]);
  await print(call, entries, table(['NAME', 'SIZE', 'SPEAKS', 'HERE', 'LICENCE'], rows));
  return SUCCESS;
}

async function info(app: App, names: readonly string[], call: Call): Promise<ExitCode> {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw usage('models info needs one name or path');
  const details = await app.models.info(name);
  const { shape, languages, ...plain } = details;
  // Some of the shape's numbers stand among the details too: one of each is enough.
  const facts = new Map<string, string>([
    ...Object.entries(plain).map(([key, value]): [string, string] => [key, String(value)]),
    ['bytes', size(details.bytes)],
    ['languages', languages.length > 4 ? `${String(languages.length)}: ${languages.join(' ')}` : languages.join(' ')],
    ...Object.entries(shape).map(([key, value]): [string, string] => [key, String(value)]),
  ]);
  await print(call, details, table([], [...facts]));
  return SUCCESS;
}

/** Does something for each name; all are tried, and what failed is told. */
async function forEach(names: readonly string[], call: Call, work: (name: string) => Promise<void>): Promise<ExitCode> {
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      if (call.world.interrupted.aborted) return INTERRUPTED;
      failures.push(asScriptoriumError(error, 'engine-failed'));
      await call.world.stderr.write(errorLines(error, call.style));
    }
  }
  return exitCodeOfAll(failures, names.length);
}

async function pull(app: App, names: readonly string[], call: Call): Promise<ExitCode> {
  const { config, world } = call;
  if (names.length === 0) throw usage('models pull needs the name of a model; scriptorium models list shows them');
  return forEach(names, call, async (name) => {
    const view = pullView(name, config, world);
    let entry: ModelEntry;
    try {
      entry = await app.models.pull(name, {
        onProgress: view.update,
        signal: world.interrupted,
        ...(config.mirror === undefined ? {} : { mirror: config.mirror }),
      });
    } finally {
      await view.close();
    }
    await print(call, entry, `${entry.path ?? entry.name}\n`);
  });
}

async function remove(app: App, names: readonly string[], call: Call): Promise<ExitCode> {
  if (names.length === 0) throw usage('models rm needs the name of a model; scriptorium models list shows them');
  return forEach(names, call, async (name) => {
    const gone = await app.models.remove(name);
    await print(call, { name, ...gone }, `${gone.path}\n`);
    await call.note(`${size(gone.bytes)} free again`);
  });
}

async function verify(app: App, names: readonly string[], call: Call): Promise<ExitCode> {
  let sound = true;
  const check = async (name?: string): Promise<void> => {
    for (const verdict of await app.models.verify(name)) {
      sound &&= verdict.sound;
      const how = verdict.by === 'sha256' ? 'SHA-256 as published' : 'readable (no published SHA-256 to compare)';
      await print(
        call,
        verdict,
        `${verdict.name}  ${verdict.sound ? `sound: ${how}` : `DAMAGED: ${verdict.reason}`}\n`,
      );
    }
  };
  const code = names.length > 0 ? await forEach(names, call, check) : await check().then(() => SUCCESS);
  return sound ? code : MODEL_UNSOUND;
}

/** As for any damaged model. */
const MODEL_UNSOUND: ExitCode = 6;
