import type { FormatName } from '../../app/index.ts';
import { filePaths, type FileStem } from './destinations.ts';
import { isFile } from './write-file.ts';

/** The files of one recording that were there before it, and stay what they are. */
export interface KeptFiles {
  /**
   * The formats of which at least one file is to be made.
   * @param transcripts how many the recording becomes: one, or one a channel.
   */
  missing(formats: readonly FormatName[], transcripts: number): Promise<readonly FormatName[]>;
  /** Whether a document must not be written; asked right before it would be. */
  has(path: string): Promise<boolean>;
}

/**
 * Looks for files that exist.
 * @param overwrite whether none of them is kept. @param tell hears of each kept file once.
 */
export function keptFiles(
  stem: FileStem,
  overwrite: boolean,
  tell: (paths: readonly string[]) => Promise<void>,
): KeptFiles {
  const told = new Set<string>();
  const keep = async (paths: readonly string[]): Promise<void> => {
    const fresh = paths.filter((path) => !told.has(path));
    for (const path of fresh) told.add(path);
    if (fresh.length > 0) await tell(fresh);
  };
  return {
    async missing(formats, transcripts) {
      if (overwrite) return formats;
      const existing: string[] = [];
      const missing: FormatName[] = [];
      for (const format of formats) {
        const paths = filePaths(stem, [format], transcripts);
        const there = await Promise.all(paths.map(isFile));
        existing.push(...paths.filter((_, i) => there[i] === true));
        if (there.includes(false)) missing.push(format);
      }
      await keep(existing);
      return missing;
    },
    async has(path) {
      if (overwrite || !(await isFile(path))) return false;
      await keep([path]);
      return true;
    },
  };
}
