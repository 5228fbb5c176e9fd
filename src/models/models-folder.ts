import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, unwritable } from '../core/index.ts';

const ADVICE = '; name another folder for models with --models-dir';

/** Makes the folder of all models, or one in it. @throws ScriptoriumError `output-unwritable`. */
export const makeModelsFolder = (path: string): Promise<void> => makeFolder(path, { mkdir, stat, dirname }, ADVICE);

/** What comes of a write into the folder of all models. @throws ScriptoriumError `output-unwritable`. */
export const writing = <T>(folder: string, work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw unwritable(folder, error, ADVICE);
  });
