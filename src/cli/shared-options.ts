import type { OptionName } from '../config/index.ts';

/** What every command reads that computes, */
export const RUNNING: readonly OptionName[] = ['threads', 'precision', 'ffmpeg', 'quiet', 'verbose', 'engineTimeout'];
/** and every one that needs a model. */
export const MODEL: readonly OptionName[] = ['model', 'modelsDir', 'cacheDir'];
