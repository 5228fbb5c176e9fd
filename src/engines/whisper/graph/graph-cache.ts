import { createHash, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, ScriptoriumError, unwritable } from '../../../core/index.ts';
import type { GraphSource } from './write-graphs.ts';

/** Raise it whenever a graph changes: old caches are then left alone and rebuilt under a new name. */
const GRAPH_VERSION = 9;

export interface BuiltGraphs {
  readonly encoder: string;
  readonly decoder: string;
  readonly folder: string;
  readonly cached: boolean;
}

export interface GraphRequest extends GraphSource {
  /** Made when missing. */
  readonly cacheFolder: string;
}

/** What a cache entry is called: everything that a graph depends on, hashed. */
export function graphKey(source: GraphSource): string {
  const { model, precision, suppressed } = source;
  const facts = [GRAPH_VERSION, model.digest, precision, suppressed, model.alignmentHeads];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}

/**
 * The graphs of a model, built once and then found by content. A folder appears under its name only when whole (written beside,
 * then renamed), so that any number of processes may race and a killed one leaves nothing that another would take for good.
 *
 * @throws ScriptoriumError `model-invalid` when the weights are damaged, `output-unwritable` when the cache can't be written.
 */
export async function buildGraphs(request: GraphRequest): Promise<BuiltGraphs> {
  const folder = join(request.cacheFolder, graphKey(request));
  const graphs = { encoder: join(folder, 'encoder.onnx'), decoder: join(folder, 'decoder.onnx'), folder };
  if (await isWhole(folder)) return { ...graphs, cached: true };
  const draft = `${folder}.${randomUUID()}`;
  // A process that is told to leave meanwhile has no other moment to tidy up.
  const sweep = (): void => rmSync(draft, { recursive: true, force: true });
  process.once('exit', sweep);
  try {
    await makeFolder(request.cacheFolder, { mkdir, stat, dirname }, ADVICE);
    await mkdir(draft);
    // Loaded when it is needed, which is once a model: it brings the whole of protocol buffers.
    const { writeGraphs } = await import('./write-graphs.ts');
    const report = await writeGraphs(draft, request);
    await writeFile(join(draft, REPORT), JSON.stringify({ model: request.model.name, matrices: report }, null, 1));
    await rename(draft, folder).catch(async (error: unknown) => {
      // Another process was first: its folder is as good as ours.
      if (!(await isWhole(folder))) throw error;
    });
    return { ...graphs, cached: false };
  } catch (error) {
    throw error instanceof ScriptoriumError ? error : unwritable(request.cacheFolder, error, ADVICE);
  } finally {
    // Where it could not even be made there is nothing to remove; the first failure is the one to tell.
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    process.off('exit', sweep);
  }
}

const REPORT = 'report.json';
const ADVICE = '; name another cache folder with --cache-dir';

/** The report is written last. */
async function isWhole(folder: string): Promise<boolean> {
  return readFile(join(folder, REPORT)).then(
    () => true,
    () => false,
  );
}
