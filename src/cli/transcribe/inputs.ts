import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ScriptoriumError } from '../../core/index.ts';
import type { AudioInput } from '../../app/index.ts';
import type { World } from '../world.ts';

/** What `-` is called in messages and file names. */
export const STDIN_NAME = 'stdin';

/** A recording that was asked for. */
export interface NamedInput {
  /** As it was typed. */
  readonly name: string;
  /** Absolute; undefined for stdin. */
  readonly path?: string;
}

/**
 * The recordings that a command line names, each once, in order.
 * @throws ScriptoriumError `usage-invalid`: none, stdin of a terminal, a URL.
 */
export function nameInputs(positionals: readonly string[], world: World): NamedInput[] {
  const inputs = new Map<string, NamedInput>();
  for (const name of positionals) {
    if (name === '-') {
      if (world.stdinIsTerminal) throw usage('- reads a recording from a pipe, and stdin is a terminal');
      inputs.set('-', { name: STDIN_NAME });
    } else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) {
      throw usage(`${name} is a URL: fetch it first, or pipe it: curl -L ${name} | scriptorium -`);
    } else inputs.set(resolve(world.cwd, name), { name, path: resolve(world.cwd, name) });
  }
  if (inputs.size === 0) {
    const piped = world.stdinIsTerminal ? '' : '; - reads one from the pipe';
    throw usage(`no recording given: scriptorium transcribe FILE…${piped}`);
  }
  return [...inputs.values()];
}

const usage = (message: string): ScriptoriumError => new ScriptoriumError('usage-invalid', message);

/**
 * Opens what the app reads from; looks at a file first, so that what is no recording costs nothing.
 * @throws ScriptoriumError `input-missing`, `input-unreadable`, `audio-empty`.
 */
export async function openInput({ name, path }: NamedInput, world: World, signal: AbortSignal): Promise<AudioInput> {
  if (path === undefined) return { name, open: () => untilAborted(world.stdin(), signal) };
  const found = await stat(path).catch((cause: unknown) => {
    throw readFailure(name, cause);
  });
  if (found.isDirectory()) {
    throw new ScriptoriumError(
      'input-unreadable',
      `${name} is a folder: name the recordings in it (${name.replace(/\/*$/, '')}/*)`,
    );
  }
  if (!found.isFile()) return { name, open: () => untilAborted(readFile(name, path), signal) };
  if (found.size === 0) throw new ScriptoriumError('audio-empty', `${name} is an empty file`);
  return { name, path, bytes: found.size, open: () => readFile(name, path) };
}

/** What comes from a pipe until `signal` aborts: a pipe may stay silent for ever. */
async function* untilAborted(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = (): void => {
      reject(new ScriptoriumError('cancelled', 'reading was taken back'));
    };
  });
  // Nobody may be waiting for it just then.
  aborted.catch(() => undefined);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  const chunks = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next: IteratorResult<Uint8Array, unknown> = await Promise.race([chunks.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Not waited for: behind a read that is under way it would wait as long as that.
    void chunks.return?.().catch(() => undefined);
  }
}

async function* readFile(name: string, path: string): AsyncGenerator<Uint8Array> {
  const stream: AsyncIterable<Uint8Array> = createReadStream(path);
  try {
    yield* stream;
  } catch (cause) {
    throw readFailure(name, cause);
  }
}

function readFailure(name: string, cause: unknown): ScriptoriumError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ScriptoriumError('input-missing', `${name}: there is no such file`, { cause });
  }
  const reason = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : code || 'it cannot be read';
  return new ScriptoriumError('input-unreadable', `${name} cannot be read: ${reason}`, { cause });
}
