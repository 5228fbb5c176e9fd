import type { ChildProcess } from 'node:child_process';

/** Resolves when the process and its pipes are closed; null after a signal. Rejects when it cannot be started. */
export function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}
