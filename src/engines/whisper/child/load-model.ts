import type { ModelInfo } from '../../../core/index.ts';
import { asScriptoriumError } from '../../../core/index.ts';
import { Scheduler } from '../decode/scheduler.ts';
import { suppressionOf } from '../decode/suppression.ts';
import { trackData, trackSize } from '../decode/track-data.ts';
import { buildGraphs } from '../graph/graph-cache.ts';
import type { Precision } from '../graph/layers.ts';
import { crossTracks } from '../graph/memory-layout.ts';
import { openWhisperModel } from '../model/open-model.ts';
import type { WhisperShape } from '../model/whisper-model.ts';
import { openSessions } from './engine-sessions.ts';
import type { LoadRequest } from './messages.ts';

export interface LoadedModel {
  readonly info: ModelInfo;
  readonly scheduler: Scheduler;
  /** Segments in the decode batch at once. */
  readonly groups: number;
  /** Whether siblings compute on the same cores. */
  keepCompany(others: boolean): void;
}

export interface Surroundings {
  readonly now: () => number;
  readonly breathe: () => Promise<void>;
}

/**
 * Opens a model, builds its graphs or finds them in the cache, and loads them.
 * @throws ScriptoriumError `model-missing`, `model-invalid`, `output-unwritable`, `engine-failed`.
 */
export async function loadModel(request: LoadRequest, surroundings: Surroundings): Promise<LoadedModel> {
  const { modelPath, modelName, alignmentHeads, cacheFolder, precision, threads } = request;
  const heads = alignmentHeads === undefined ? {} : { alignmentHeads };
  const model = await openWhisperModel(modelPath, { name: modelName, ...heads });
  try {
    const suppression = suppressionOf(model);
    const graphs = await buildGraphs({ model, precision, suppressed: suppression.all, cacheFolder });
    const sessions = await openSessions(graphs, threads);
    const groups = batchGroups(model.shape, precision);
    const scheduler = new Scheduler({ model, suppression, ...sessions, precision, groups, ...surroundings });
    const { special } = model.tokenizer;
    const info: ModelInfo = {
      name: model.name,
      digest: model.digest,
      multilingual: model.multilingual,
      languages: model.multilingual ? [...special.languages.keys()] : ['en'],
      mels: model.shape.mels,
      vocabulary: model.shape.vocabulary,
      precision,
    };
    return { info, scheduler, groups, keepCompany: (others) => sessions.keepCompany(others) };
  } catch (error) {
    throw asScriptoriumError(error, 'engine-failed');
  } finally {
    // Its weights are in the graphs now; tokenizer and shape stay in memory.
    await model[Symbol.asyncDispose]();
  }
}

/** What the keys and values of all windows in the batch may take. */
const CROSS_MEMORY_BYTES = 1 << 30;
/** More segments at once gain nothing on two cores (`docs/benchmarks.md`). */
const MAX_GROUPS = 16;

/** How many segments fit into the batch: many of a small model, one of the largest. */
export function batchGroups(shape: WhisperShape, precision: Precision): number {
  const bytes = crossTracks(shape, precision).reduce(
    (sum, track) => sum + trackSize(track, shape.audioContext) * trackData(track, 1).BYTES_PER_ELEMENT,
    0,
  );
  return Math.max(1, Math.min(MAX_GROUPS, Math.floor(CROSS_MEMORY_BYTES / bytes)));
}
