import { ScriptoriumError } from '../../../core/index.ts';

/**
 * Runs a step of reading and puts the path before what is wrong. A part that is not there makes the model invalid; other
 * errors of the file system count as `input-unreadable`.
 */
export async function inFile<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ScriptoriumError) {
      throw new ScriptoriumError(error.code, `${path}: ${error.message}`, { cause: error });
    }
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'ENOENT') {
        throw new ScriptoriumError('model-invalid', `${path}: the file is missing`, { cause: error });
      }
      throw new ScriptoriumError('input-unreadable', `${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
