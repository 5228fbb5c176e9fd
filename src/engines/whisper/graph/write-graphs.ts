import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDecoder } from './decoder-graph.ts';
import { buildEncoder } from './encoder-graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import type { WhisperModel } from '../model/whisper-model.ts';
import type { GraphContext, MatrixReport, Precision } from './layers.ts';
import { encodeModel } from './onnx-proto.ts';

/** What graphs are made of. */
export interface GraphSource {
  readonly model: WhisperModel;
  readonly precision: Precision;
  /** Tokens that plain text never holds. */
  readonly suppressed: readonly number[];
}

/**
 * Builds both graphs of a model and writes them, weights beside, into a folder that is there.
 * @returns how exact each matrix is.
 */
export async function writeGraphs(folder: string, source: GraphSource): Promise<readonly MatrixReport[]> {
  const report: MatrixReport[] = [];
  await writeGraph(folder, 'encoder', source, report, false, buildEncoder);
  await writeGraph(folder, 'decoder', source, report, true, (context) => buildDecoder(context, source));
  return report;
}

/** ONNX Runtime maps external data from page boundaries. */
const ALIGNMENT = 4096;

async function writeGraph(
  folder: string,
  name: string,
  source: GraphSource,
  report: MatrixReport[],
  mixedRows: boolean,
  build: (context: GraphContext) => Promise<void>,
): Promise<void> {
  const file = `${name}.weights`;
  const handle = await open(join(folder, file), 'w');
  try {
    let end = 0;
    const graph = new GraphBuilder({
      async append(bytes) {
        const offset = end;
        await handle.write(bytes, 0, bytes.length, offset);
        end = Math.ceil((offset + bytes.length) / ALIGNMENT) * ALIGNMENT;
        return { file, offset, length: bytes.length };
      },
    });
    await build({ graph, model: source.model, precision: source.precision, report, mixedRows });
    await writeFile(join(folder, `${name}.onnx`), encodeModel(graph.parts()));
  } finally {
    await handle.close();
  }
}
