import { stat } from 'node:fs/promises';
import { LANGUAGES, millis } from '../../core/index.ts';
import type { ModelsView, ServedModel } from '../../gateway/index.ts';
import { listModels, resolveModel, storedModel, type ModelStore, type StoredModel } from '../../models/index.ts';

/** The default model may be a path: then this is what it is called, and what jobs name. */
export interface ServedModels extends ModelsView {
  /** What the engine's loader is given for a name that was served. */
  readonly pathOrName: (id: string) => string;
}

/** The models on this machine, and the one that stands for all names that people know from elsewhere. */
export async function servedModels(store: ModelStore, asked: string): Promise<ServedModels> {
  const main = await resolveModel(store, asked);
  const multilingual = main.entry === undefined || main.entry.languages > 1;
  const first = await served(main.name, multilingual, main.path);
  const other = async ({ state, entry, path }: StoredModel): Promise<readonly ServedModel[]> =>
    state === 'absent' || entry.name === main.name ? [] : [await served(entry.name, entry.languages > 1, path)];
  return {
    default: first.id,
    list: async () => [first, ...(await Promise.all((await listModels(store)).map(other))).flat()],
    async find(id) {
      if (id === first.id) return first;
      // Every request asks, most of them for a name from elsewhere: only files that could be meant are looked for.
      const entry = store.catalog.entries.find(({ name }) => name === id);
      return entry === undefined ? undefined : (await other(await storedModel(store, entry)))[0];
    },
    pathOrName: (id) => (id === first.id ? asked : id),
  };
}

async function served(id: string, multilingual: boolean, path: string | undefined): Promise<ServedModel> {
  const facts = path === undefined ? undefined : await stat(path).catch(() => undefined);
  const codes = LANGUAGES.map(({ code }) => code);
  return {
    id,
    created: millis(facts?.mtimeMs ?? 0),
    languages: multilingual ? codes : ['en'],
    translates: multilingual,
  };
}
