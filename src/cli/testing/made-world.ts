/** A world for tests of the command line: a folder of its own, outputs that are kept as text, a clock that stands. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type LiveEvent } from '../../client/index.ts';
import { millis } from '../../core/index.ts';
import type { Program } from '../live/program.ts';
import { runCli } from '../run.ts';
import { OutputClosed, type Output, type World } from '../world.ts';
import { madeApp, type MadeApp } from './made-app.ts';
import { madeServer, type MadeServer } from './made-server.ts';

export const SILENT = 'silent';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MadeWorld extends AsyncDisposable {
  readonly cwd: string;
  /** Runs a command line, as typed, cut at spaces; `""` is an empty argument. */
  run(line: string): Promise<Ran>;
  /** Names of all files below the folder but the recordings, sorted. */
  files(): Promise<string[]>;
  interrupt(): void;
  readonly now: { value: number };
  /** Command lines that had an engine's process started. */
  readonly warmUps: readonly string[];
}

export interface WorldOptions {
  /** Recordings by name, with their bytes. */
  readonly recordings?: Readonly<Record<string, string>>;
  readonly app?: MadeApp;
  readonly server?: MadeServer;
  readonly fetch?: typeof fetch;
  /** Reads what live clients are told in place of what the server says. */
  readonly hears?: (event: LiveEvent) => LiveEvent;
  /** What programs there are on the path. */
  readonly programs?: (name: string, args: readonly string[]) => Program | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly terminal?: boolean;
  /** Text; `SILENT` is a pipe that gives nothing. */
  readonly stdin?: string;
  /** Stdout's reader leaves once it has read this many texts. */
  readonly stdoutReads?: number;
  /** How stdout fails once it has taken this many texts; as a reader that left, unless given. */
  readonly stdoutFailure?: Error;
  /** As if somebody pressed Ctrl-C on reading this. */
  readonly interruptAt?: string;
}

export async function madeWorld(options: WorldOptions = {}): Promise<MadeWorld> {
  const { recordings = {}, app = madeApp(), env = {}, terminal = false, stdin, stdoutReads = Infinity } = options;
  const { server = madeServer() } = options;
  const cwd = await mkdtemp(join(tmpdir(), 'scriptorium-cli-'));
  for (const [name, bytes] of Object.entries(recordings)) {
    await mkdir(join(cwd, name, '..'), { recursive: true });
    await writeFile(join(cwd, name), bytes);
  }
  const controller = new AbortController();
  const now = { value: 0 };
  const warmUps: string[] = [];
  const keeping = (texts: string[], reads: number): Output => ({
    isTerminal: terminal,
    columns: () => 80,
    write(text) {
      if (texts.length >= reads) {
        return Promise.reject(options.stdoutFailure ?? new OutputClosed('nobody reads this'));
      }
      texts.push(text);
      if (options.interruptAt !== undefined && text.includes(options.interruptAt)) controller.abort();
      return Promise.resolve();
    },
  });
  return {
    cwd,
    now,
    warmUps,
    interrupt: () => {
      controller.abort();
    },
    async run(line) {
      const stdout: string[] = [];
      const stderr: string[] = [];
      const world: World = {
        version: '1.2.3',
        machine: { platform: 'linux', home: cwd, env },
        cwd,
        stdin: async function* () {
          if (stdin === SILENT) await new Promise(() => undefined);
          yield Buffer.from(stdin ?? '');
        },
        stdinIsTerminal: stdin === undefined,
        stdout: keeping(stdout, stdoutReads),
        stderr: keeping(stderr, Infinity),
        now: () => millis(now.value),
        interrupted: controller.signal,
        fetch: options.fetch ?? fetch,
        pause: () => Promise.resolve(),
        connect: (url, key) =>
          Promise.resolve(hearing(createClient({ url, ...(key === undefined ? {} : { key }) }), options.hears)),
        startProgram: (name, args) => Promise.resolve(options.programs?.(name, args)),
        warmUp: () => {
          warmUps.push(line);
          return Promise.resolve();
        },
        createApp: () => Promise.resolve(app.app),
        startServer: (config, role) => Promise.resolve(server.start(config, role)),
        startSupervisor: () => Promise.reject(new Error('no supervisor here')),
      };
      const argv = line.split(' ').filter(Boolean);
      const code = await runCli(
        argv.map((argument) => (argument === '""' ? '' : argument)),
        world,
      );
      return { code, stdout: stdout.join(''), stderr: stderr.join('') };
    },
    async files() {
      const names = await readdir(cwd, { recursive: true, withFileTypes: true });
      return names
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.path, entry.name).slice(cwd.length + 1))
        .filter((name) => !(name in recordings))
        .sort();
    },
    [Symbol.asyncDispose]: () => rm(cwd, { recursive: true, force: true }),
  };
}

/** A client whose live sessions tell what `hears` makes of their events. */
function hearing(client: Client, hears: (event: LiveEvent) => LiveEvent = (event) => event): Client {
  return {
    ...client,
    live(asked) {
      const session = client.live(asked);
      return {
        ...session,
        async *[Symbol.asyncIterator]() {
          for await (const event of session) yield hears(event);
        },
      };
    },
  };
}
