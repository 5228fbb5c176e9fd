import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { ScriptoriumError, unwritable } from '../../core/index.ts';

/**
 * Writes a text into a device or pipe, which stays what it is. A pipe is waited for until somebody reads it, or `signal` aborts.
 * @throws ScriptoriumError `output-unwritable`; `cancelled`.
 */
export async function writeStream(path: string, text: string, signal: AbortSignal | undefined): Promise<void> {
  try {
    const stream = await openForReader(path, signal);
    try {
      if (signal?.aborted === true) throw new ScriptoriumError('cancelled', `${path} was not written`);
      await stream.writeFile(text);
    } finally {
      await stream.close();
    }
  } catch (cause) {
    throw cause instanceof ScriptoriumError ? cause : unwritable(path, cause);
  }
}

/** Nothing takes back an `open` that waits for a reader, and the process would not end before it: be that reader. */
async function openForReader(path: string, signal: AbortSignal | undefined): Promise<FileHandle> {
  let reader: Promise<FileHandle | undefined> | undefined;
  const read = (): void => {
    reader = open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => undefined);
  };
  if (signal?.aborted === true) read();
  else signal?.addEventListener('abort', read, { once: true });
  try {
    return await open(path, 'w');
  } finally {
    signal?.removeEventListener('abort', read);
    await (await reader)?.close();
  }
}
