import type { App, AppIo } from '../app/index.ts';
import type { PoolStatus, RunningServer, RunningSupervisor, ServerRole } from '../app/server/index.ts';
import type { Client } from '../client/index.ts';
import type { Config, Machine } from '../config/index.ts';
import type { Program } from './live/program.ts';
import type { Millis } from '../core/index.ts';

/** One of the two streams that a command writes to. */
export interface Output {
  /**
   * Resolves when the text is on its way; waits while the reader is slow.
   * @throws OutputClosed when nobody reads any more; ScriptoriumError `output-unwritable` (a full disk).
   */
  write(text: string): Promise<void>;
  readonly isTerminal: boolean;
  /** Width of the terminal; 80 where there is none. */
  readonly columns: () => number;
}

/** The reader of a pipe went away: no failure, but nothing more to say. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** What commands touch of the world; `main.ts` gives them the real one, tests a made one. */
export interface World {
  readonly version: string;
  readonly machine: Machine;
  readonly cwd: string;
  readonly stdin: () => AsyncIterable<Uint8Array>;
  readonly stdinIsTerminal: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly now: () => Millis;
  /** Aborts at the first Ctrl-C or SIGTERM; at the second the process ends by itself. */
  readonly interrupted: AbortSignal;
  readonly fetch: AppIo['fetch'];
  /** Resolves after a while, or when the signal aborts. */
  readonly pause: (time: Millis, signal: AbortSignal) => Promise<void>;
  /** A client of the server at this address. */
  readonly connect: (url: string, key: string | undefined) => Promise<Client>;
  /** @returns undefined when there is no such program. */
  readonly startProgram: (name: string, args: readonly string[]) => Promise<Program | undefined>;
  /** Starts what every transcription needs, whatever its settings. */
  readonly warmUp: () => Promise<void>;
  readonly createApp: (config: Config, io: AppIo) => Promise<App>;
  /** @param log takes one line of the server's log. */
  readonly startServer: (config: Config, role: ServerRole, log: (line: string) => void) => Promise<RunningServer>;
  /** @param settings what its workers find in their environment. @param log takes one line of the log, theirs too. */
  readonly startSupervisor: (
    config: Config,
    settings: Readonly<Record<string, string>>,
    onStatus: (status: PoolStatus) => void,
    log: (line: string) => void,
  ) => Promise<RunningSupervisor>;
}
