import type { ScriptoriumError } from '../../../core/index.ts';
import { asScriptoriumError } from '../../../core/index.ts';
import { closeReason } from '../../../protocol/index.ts';
import type { DialectOutput, DialectStep, LiveCommand } from '../dialect.ts';

export const command = (one: LiveCommand): DialectOutput => ({ type: 'command', command: one });

export const close = (code: number, reason: string): DialectOutput => ({
  type: 'close',
  code,
  reason: closeReason(reason),
});

export const step = <State>(state: State, ...outputs: readonly DialectOutput[]): DialectStep<State> => ({
  state,
  outputs,
});

/** What `read` makes of a client's message, or why it can't. */
export type Read<T> = { readonly value: T } | { readonly error: ScriptoriumError };

export function tryRead<T>(read: () => T): Read<T> {
  try {
    return { value: read() };
  } catch (error) {
    return { error: asScriptoriumError(error, 'request-invalid') };
  }
}
