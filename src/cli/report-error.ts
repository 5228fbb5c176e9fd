import { ERRORS, ScriptoriumError } from '../core/index.ts';
import type { Style } from './terminal/style.ts';

/** What went wrong and what to do, a line each: the problem in the message, the way out in the error table. */
export function errorLines(error: unknown, style: Style): string {
  const [message, action] = describeError(error);
  const problems = message.split('\n').map((line) => `${style.red('error:')} ${line}\n`);
  return `${problems.join('')}${action === '' ? '' : `${style.dim(action)}\n`}`;
}

/** The message, and what to do about it (`''` when nobody knows). */
export function describeError(error: unknown): readonly [message: string, action: string] {
  if (error instanceof ScriptoriumError) return [error.message, ERRORS[error.code].action];
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return [`this should not happen: ${text}`, ERRORS['engine-failed'].action];
}
