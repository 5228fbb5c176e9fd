/** The engine's child process: loads one model and decodes what it is sent, until its parent goes away. */
import { ScriptoriumError, asScriptoriumError } from '../../../core/index.ts';
import type { LoadedModel } from './load-model.ts';
import { loadModel } from './load-model.ts';
import type { ChildFailure, FromChild, ToChild } from './messages.ts';

const send = (message: FromChild): void => {
  process.send?.(message);
};

const sendMemory = (): void => send({ type: 'memory', bytes: process.memoryUsage.rss() });

const failureOf = (error: unknown): ChildFailure => {
  const { code, message } = asScriptoriumError(error, 'engine-failed');
  return { code, message };
};

/** How often at most the parent hears how far the work is, in milliseconds. */
const ALIVE_EVERY = 250;

let loaded: LoadedModel | undefined;
let lastAlive = 0;

async function breathe(): Promise<void> {
  const now = performance.now();
  if (now - lastAlive >= ALIVE_EVERY) {
    lastAlive = now;
    send({ type: 'alive', progress: loaded?.scheduler.progress() ?? [] });
    sendMemory();
  }
  await new Promise<void>((resolve) => setImmediate(resolve));
}

async function transcribe(message: Extract<ToChild, { type: 'transcribe' }>): Promise<void> {
  const { id, segment, options } = message;
  try {
    if (loaded === undefined) throw new ScriptoriumError('engine-failed', 'a segment came before the model');
    const result = await loaded.scheduler.transcribe(id, segment, options);
    send({ type: 'result', id, result, counts: loaded.scheduler.counts() });
    sendMemory();
  } catch (error) {
    send({ type: 'failed', id, failure: failureOf(error) });
  }
}

async function load(message: Extract<ToChild, { type: 'load' }>): Promise<void> {
  send({ type: 'alive', progress: [] });
  try {
    loaded = await loadModel(message.request, { now: () => performance.now(), breathe });
    sendMemory();
    send({ type: 'ready', info: loaded.info, groups: loaded.groups });
  } catch (error) {
    send({ type: 'refused', failure: failureOf(error) });
  }
}

process.on('message', (message: ToChild) => {
  if (message.type === 'load') void load(message);
  else if (message.type === 'transcribe') void transcribe(message);
  else if (message.type === 'company') loaded?.keepCompany(message.others);
  else loaded?.scheduler.cancel(message.id);
});
// The terminal's Ctrl-C goes to the whole group; what it means is for the parent to say.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));
