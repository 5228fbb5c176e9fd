import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Millis } from '../../../core/index.ts';

/** A running `ffmpeg`, its standard input closed. */
export interface FfmpegChild {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when it has ended and its output is closed; rejects when it could not be started. */
  readonly exit: Promise<{ readonly code: number | null }>;
  /** Ends it at once; idempotent. */
  kill(): void;
}

/** How decoders start `ffmpeg`, and within what bounds. */
export interface FfmpegRunner {
  start(args: readonly string[]): FfmpegChild;
  /** An existing folder for copies of what does not come from a file; emptied behind each use. */
  readonly tempFolder: string;
  /** How long it may give nothing while asked for more. */
  readonly stallLimit: Millis;
}

/** Runs the program at `path` as a child with an empty environment. */
export function nodeFfmpeg(
  path: string,
  bounds: { readonly tempFolder: string; readonly stallLimit: Millis },
): FfmpegRunner {
  return {
    ...bounds,
    start(args) {
      const child = spawn(path, [...args], { stdio: ['ignore', 'pipe', 'pipe'], env: {}, windowsHide: true });
      const exit = new Promise<{ readonly code: number | null }>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code) => resolve({ code }));
      });
      return { stdout: child.stdout, stderr: child.stderr, exit, kill: () => child.kill('SIGKILL') };
    },
  };
}
