import { ScriptoriumError } from '../../../core/index.ts';

/**
 * Runs a step of reading and puts the path before what is wrong. Errors of the file system count as `input-unreadable`.
 */
export async function inFile<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ScriptoriumError) {
      throw new ScriptoriumError(error.code, `${path}: ${error.message}`, { cause: error });
    }
    if (error instanceof Error && 'code' in error) {
      throw new ScriptoriumError('input-unreadable', `${path}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
