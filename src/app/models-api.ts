import { setTimeout as sleep } from 'node:timers/promises';
import { stat } from 'node:fs/promises';
import { openWhisperModel } from '../engines/whisper/index.ts';
import type { ModelStore, StoredModel } from '../models/index.ts';
import { listModels, pullModel, removeModel, resolveModel, verifyModel } from '../models/index.ts';
import { asScriptoriumError } from '../core/index.ts';
import type { AppIo, ModelDetails, ModelEntry, ModelVerdict, ModelsApi } from './app.ts';

/** The model commands, composed of the store and the readers. */
export function modelsApi(openStore: () => Promise<ModelStore>, io: Pick<AppIo, 'fetch'>): ModelsApi {
  const open = async (path: string): Promise<void> => {
    const model = await openWhisperModel(path);
    await model[Symbol.asyncDispose]();
  };
  return {
    list: async () => (await listModels(await openStore())).map(entryOf),
    info: async (model) => details(await openStore(), model),
    pull: async (name, options = {}) => {
      const pullIo = {
        fetch: io.fetch,
        sleep: (delay: number, signal: AbortSignal) => sleep(delay, undefined, { signal }),
      };
      return entryOf(await pullModel(await openStore(), name, pullIo, options));
    },
    remove: async (name) => removeModel(await openStore(), name),
    verify: async (model) => {
      const store = await openStore();
      if (model === undefined) {
        const here = (await listModels(store)).filter(({ state }) => state !== 'absent');
        const verdicts: ModelVerdict[] = [];
        for (const { entry } of here) verdicts.push(await verifyModel(store, entry.name, { open }));
        return verdicts;
      }
      const resolved = await resolveModel(store, model);
      if (resolved.state !== 'path') return [await verifyModel(store, resolved.name, { open })];
      const verdict = { name: resolved.name, path: resolved.path, by: 'structure' as const };
      return open(resolved.path).then(
        () => [{ ...verdict, sound: true, reason: '' }],
        (error: unknown) => [{ ...verdict, sound: false, reason: asScriptoriumError(error, 'model-invalid').message }],
      );
    },
  };
}

function entryOf({ entry, state, path, bytes }: StoredModel): ModelEntry {
  const sha256 = entry.files.length === 1 ? entry.files[0]?.sha256 : undefined;
  return {
    name: entry.name,
    bytes,
    state,
    multilingual: entry.languages > 1,
    licence: entry.licence,
    source: entry.source,
    ...(sha256 === undefined || sha256 === null ? {} : { sha256 }),
    ...(path === undefined ? {} : { path }),
  };
}

async function details(store: ModelStore, wanted: string): Promise<ModelDetails> {
  const { name, path, entry } = await resolveModel(store, wanted);
  const heads = entry?.alignmentHeads === undefined ? {} : { alignmentHeads: entry.alignmentHeads };
  const model = await openWhisperModel(path, { name, ...heads });
  await model[Symbol.asyncDispose]();
  const facts = await stat(path);
  const stored = (await listModels(store)).find((one) => one.path === path);
  return {
    name,
    digest: model.digest,
    multilingual: model.multilingual,
    languages: model.multilingual ? [...model.tokenizer.special.languages.keys()] : ['en'],
    mels: model.shape.mels,
    vocabulary: model.shape.vocabulary,
    precision: 'int8',
    path,
    bytes: stored?.bytes ?? facts.size,
    format: facts.isDirectory() ? 'huggingface' : 'ggml',
    shape: { ...model.shape },
  };
}
