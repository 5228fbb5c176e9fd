import { ScriptoriumError } from '../../core/index.ts';

/** The same bytes; a failure to read them becomes an error that names the recording. */
export async function* namedSource(
  source: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* source;
  } catch (error) {
    throw readFailure(error, name);
  }
}

/** What a failed read means to who asked for it, by the code of the operating system. */
function readFailure(error: unknown, name: string): ScriptoriumError {
  if (error instanceof ScriptoriumError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const options = { cause: error };
  if (code === 'ENOENT') return new ScriptoriumError('input-missing', `${name} does not exist`, options);
  if (code === 'EISDIR') return new ScriptoriumError('input-unreadable', `${name} is a folder, not a file`, options);
  if (code === 'EACCES' || code === 'EPERM') {
    return new ScriptoriumError('input-unreadable', `${name} may not be read`, options);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new ScriptoriumError('input-unreadable', `${name} could not be read: ${reason}`, options);
}
