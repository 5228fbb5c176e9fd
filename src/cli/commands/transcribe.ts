import { setMaxListeners } from 'node:events';
import { ScriptoriumError, type ErrorCode } from '../../core/index.ts';
import type { Call } from '../command.ts';
import { exitCodeOfAll, INTERRUPTED, SUCCESS, type ExitCode } from '../exit-codes.ts';
import { chooseView } from '../progress/choose-view.ts';
import type { ProgressView } from '../progress/progress.ts';
import { describeError } from '../report-error.ts';
import { planDestination } from '../transcribe/destinations.ts';
import { eventWriter } from '../transcribe/events.ts';
import { inOrder } from '../transcribe/in-order.ts';
import { nameInputs, type NamedInput } from '../transcribe/inputs.ts';
import type { Outcome } from '../transcribe/outcome.ts';
import { runTogether } from '../transcribe/run-together.ts';
import { transcribeOne, type Shared } from '../transcribe/transcribe-one.ts';
import { makeFolder } from '../transcribe/write-file.ts';
import { OutputClosed } from '../world.ts';

/** Failures that every recording would share: told once, and no more are started. */
const SHARED_FAILURES: ReadonlySet<ErrorCode> = new Set([
  'model-missing',
  'model-invalid',
  'language-unsupported',
  'usage-invalid',
]);

/** `scriptorium transcribe FILE…`: every recording is tried, whatever becomes of the others. */
export async function transcribe(call: Call): Promise<ExitCode> {
  const { config, world } = call;
  const inputs = nameInputs(call.positionals, world);
  const destination = await planDestination(inputs, { config, given: call.given, cwd: world.cwd });
  if (config.outputDir !== undefined) await makeFolder(config.outputDir);
  const stop = new AbortController();
  const view = chooseView(
    inputs.map((input) => input.name),
    config,
    world,
    call.style,
  );
  const app = await call.createApp();
  const outcomes: Outcome[] = inputs.map(() => ({ kind: 'cancelled' }));
  let readerLeft = false;
  let lost: { readonly error: unknown } | undefined;
  const write = async (text: string): Promise<void> => {
    if (readerLeft || lost !== undefined || text === '') return;
    try {
      await (world.stdout.isTerminal ? view.aside(() => world.stdout.write(text)) : world.stdout.write(text));
    } catch (error) {
      if (error instanceof OutputClosed) readerLeft = true;
      // Told once, at the end, and not by every recording.
      else lost = { error };
      // Files are still worth making; what only stdout would have carried is not.
      if (destination.kind !== 'files') stop.abort();
    }
  };
  const signal = AbortSignal.any([world.interrupted, stop.signal]);
  // Every segment under way listens to it: more than ten are no leak.
  setMaxListeners(0, signal);
  const events = eventWriter(config.json, write);
  const order = inOrder(write);
  const shared: Shared = {
    call,
    app,
    destination,
    view,
    events,
    signal,
    print: (index, text) => order.put(index, text),
  };
  try {
    await runTogether(inputs, config.jobs, signal, async (input, index) => {
      outcomes[index] = await attempt(input, index, shared, () => {
        stop.abort();
      });
    });
  } finally {
    await view.close();
    await app[Symbol.asyncDispose]();
  }
  const code = exitCode(outcomes, { interrupted: world.interrupted.aborted, readerLeft });
  if (config.verbose) await tellStats(call, app.stats());
  await summarise(inputs, outcomes, call);
  await events.emit({ type: 'end', ...count(outcomes), exitCode: code });
  if (lost !== undefined) throw lost.error;
  return code;
}

async function attempt(input: NamedInput, index: number, shared: Shared, stopAll: () => void): Promise<Outcome> {
  const { view, events, signal } = shared;
  let outcome: Outcome;
  try {
    outcome = await transcribeOne(input, index, shared);
  } catch (error) {
    outcome = signal.aborted && isCancellation(error) ? { kind: 'cancelled' } : { kind: 'failed', error };
  }
  if (outcome.kind === 'done') return outcome;
  view.finish(index, '');
  if (outcome.kind === 'failed') {
    const [message, action] = describeError(outcome.error);
    tellFailure(view, message, action, shared.call);
    const code = outcome.error instanceof ScriptoriumError ? outcome.error.code : 'engine-failed';
    await events.emit({ type: 'failed', input: input.name, index, code, message, action });
    if (SHARED_FAILURES.has(code)) stopAll();
  }
  await shared.print(index, '');
  return outcome;
}

const isCancellation = (error: unknown): boolean =>
  (error instanceof ScriptoriumError && error.code === 'cancelled') ||
  (error instanceof Error && error.name === 'AbortError');

function tellFailure(view: ProgressView, message: string, action: string, { style }: Call): void {
  for (const line of message.split('\n')) view.say(`${style.red('error:')} ${line}`);
  if (action !== '') view.say(style.dim(action));
}

function exitCode(
  outcomes: readonly Outcome[],
  why: { readonly interrupted: boolean; readonly readerLeft: boolean },
): ExitCode {
  const failures = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.error] : []));
  const cancelled = outcomes.filter((outcome) => outcome.kind === 'cancelled').length;
  if (why.interrupted && cancelled > 0) return INTERRUPTED;
  if (failures.length === 0) return SUCCESS;
  // What was not tried because all would have failed alike counts as failed alike.
  return exitCodeOfAll(failures, why.readerLeft ? failures.length : outcomes.length - cancelled);
}

const count = (outcomes: readonly Outcome[]): Record<'done' | 'skipped' | 'failed' | 'cancelled', number> => {
  const of = (kind: Outcome['kind']): number => outcomes.filter((outcome) => outcome.kind === kind).length;
  return { done: of('done'), skipped: of('skipped'), failed: of('failed'), cancelled: of('cancelled') };
};

/** Of several recordings, the list of those that failed: the messages themselves may have scrolled away. */
async function summarise(
  inputs: readonly NamedInput[],
  outcomes: readonly Outcome[],
  { world, config, style }: Call,
): Promise<void> {
  if (inputs.length < 2) return;
  const { done, skipped, failed, cancelled } = count(outcomes);
  const lines = outcomes.flatMap((outcome, i) =>
    outcome.kind === 'failed' ? [`  ${style.red('✗')} ${inputs[i]?.name ?? ''}\n`] : [],
  );
  const facts = [
    `${String(done)} of ${String(inputs.length)} transcribed`,
    ...(skipped > 0 ? [`${String(skipped)} kept`] : []),
    ...(failed > 0 ? [`${String(failed)} failed`] : []),
    ...(cancelled > 0 ? [`${String(cancelled)} not done`] : []),
  ];
  if (failed === 0 && cancelled === 0 && config.quiet) return;
  await world.stderr
    .write(`${facts.join(', ')}${lines.length > 0 ? ':' : ''}\n${lines.join('')}`)
    .catch(() => undefined);
}

async function tellStats(call: Call, stats: ReturnType<Shared['app']['stats']>): Promise<void> {
  if (stats === undefined) return;
  const retries = Object.entries(stats.retries).flatMap(([reason, times]) =>
    times > 0 ? [`${reason} ${String(times)}`] : [],
  );
  const batch = stats.steps > 0 ? (stats.rows / stats.steps).toFixed(1) : '0';
  await call.note(
    `${String(stats.segments)} segments, encoder ${stats.encodeMs.toFixed(0)} ms, decoder ${stats.decodeMs.toFixed(0)} ms, ` +
      `${String(stats.steps)} steps of ${batch} rows, retries: ${retries.length > 0 ? retries.join(', ') : 'none'}`,
  );
}
