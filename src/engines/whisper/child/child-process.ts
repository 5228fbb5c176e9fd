import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FromChild, ToChild } from './messages.ts';

/** A child as the host sees it: messages and an end. Tests give their own. */
export interface EngineChild {
  /** Undefined for one that could not be started. */
  readonly pid: number | undefined;
  send(message: ToChild): void;
  onMessage(listener: (message: FromChild) => void): void;
  /** Once, however it ends; `reason` is for people. */
  onExit(listener: (reason: string) => void): void;
  /** Ends it soon, with nothing half-made left behind. */
  leave(): void;
  /** Ends it now. */
  kill(): void;
}

export type StartChild = () => EngineChild;

/**
 * What keeps a child's memory from growing with the hours that it works: windows of megabytes leave garbage that hardly fills V8's
 * young space of 16 MB, and glibc (mallopt(3); others ignore these) raises by itself the size from which memory goes back to the
 * system at once. A fifth less over an hour of speech, at no cost in time (`docs/benchmarks.md`). Who sets these variables is heeded.
 */
const YOUNG_SPACE = '--max-semi-space-size=2';
const ALLOCATOR = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: String(8 << 20) };

/** Bytes of a dying child's complaints that are kept. */
const STDERR_BYTES = 4096;

/**
 * Has children run at this priority (`os.setPriority`, from -20 to 19, the lowest). All their threads do: they are made later, and
 * inherit it.
 */
export const engineForker =
  (priority: number): StartChild =>
  () => {
    const child = forkEngine();
    try {
      if (child.pid !== undefined) setPriority(child.pid, priority);
    } catch {
      // It went already, or the system forbids it: a child of the usual priority is as good, only less polite.
    }
    return child;
  };

/** Forks the real engine: `main` beside this file, TypeScript or built. */
export const forkEngine: StartChild = () => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const child = fork(fileURLToPath(new URL(`main.${extension}`, import.meta.url)), {
    serialization: 'advanced',
    execArgv: [...process.execArgv, YOUNG_SPACE],
    env: { ...ALLOCATOR, ...process.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaints = '';
  let hasSpoken = false;
  child.once('message', () => (hasSpoken = true));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-STDERR_BYTES);
  });
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message);
    },
    onMessage: (listener) => {
      child.on('message', (message: FromChild) => listener(message));
    },
    onExit: (listener) => {
      let told = false;
      const tell = (reason: string): void => {
        if (!told) listener(reason);
        told = true;
      };
      child.on('error', (error) => tell(error.message));
      child.on('exit', (code, signal) => {
        const how = signal === null ? `exit code ${code}` : signal;
        const why = complaints.trim().split('\n').at(-1) ?? '';
        tell(why === '' ? how : `${how}: ${why}`);
      });
    },
    leave: () => {
      // Before its first word it has begun nothing, and would hear nothing until its program is read.
      if (!hasSpoken) child.kill('SIGKILL');
      else if (child.connected) child.disconnect();
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
};
