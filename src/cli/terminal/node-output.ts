import type { Writable } from 'node:stream';
import { ScriptoriumError, whyUnwritable } from '../../core/index.ts';
import { OutputClosed, type Output } from '../world.ts';

/** Width taken where nobody tells one. */
const DEFAULT_COLUMNS = 80;

/** What a process stream has beside being writable. */
interface ProcessStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly fd?: number;
}

/** A process stream as an `Output`: writes wait for a slow reader, and a reader that left is told apart from a failure. */
export function nodeOutput(stream: ProcessStream): Output {
  const name = stream.fd === 2 ? 'stderr' : 'stdout';
  let failure: Error | undefined;
  // Without a listener, EPIPE would end the process with a stack trace.
  stream.on('error', (error) => {
    failure ??= error;
  });
  return {
    isTerminal: stream.isTTY === true,
    columns: () => stream.columns ?? DEFAULT_COLUMNS,
    async write(text) {
      if (failure === undefined && text !== '') {
        await new Promise<void>((resolve) => {
          stream.write(text, (error) => {
            failure ??= error ?? undefined;
            resolve();
          });
        });
      }
      if (failure === undefined) return;
      if ('code' in failure && (failure.code === 'EPIPE' || failure.code === 'ERR_STREAM_DESTROYED')) {
        throw new OutputClosed('nobody reads this output any more', { cause: failure });
      }
      throw new ScriptoriumError('output-unwritable', `${name}: ${whyUnwritable(failure)}`, { cause: failure });
    },
  };
}
