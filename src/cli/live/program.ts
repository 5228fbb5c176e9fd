import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs and gives bytes on its stdout. */
export interface Program {
  readonly stdout: AsyncIterable<Uint8Array>;
  /** Asks it to end; idempotent. */
  stop(): void;
  /** Resolves at its end with the last words of its stderr. */
  readonly ended: Promise<{ readonly code: number | null; readonly complaint: string }>;
}

/** Of a program's stderr, what is kept. */
const MAX_COMPLAINT_CHARACTERS = 400;

/** Starts a program of the path. @returns undefined when there is none of this name. */
export async function startProgram(name: string, args: readonly string[]): Promise<Program | undefined> {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MAX_COMPLAINT_CHARACTERS);
  });
  try {
    await once(child, 'spawn');
  } catch {
    return undefined;
  }
  const ended = new Promise<{ code: number | null; complaint: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, complaint: complaint.trim() }));
  });
  return { stdout: child.stdout, stop: () => void child.kill('SIGTERM'), ended };
}
