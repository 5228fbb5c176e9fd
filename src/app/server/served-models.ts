import { stat } from 'node:fs/promises';
import { LANGUAGES, millis } from '../../core/index.ts';
import type { ModelsView, ServedModel } from '../../gateway/index.ts';
import { listModels, resolveModel, type ModelStore } from '../../models/index.ts';

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
  const installed = async (): Promise<readonly ServedModel[]> => {
    const here = (await listModels(store)).filter(({ state, entry }) => state !== 'absent' && entry.name !== main.name);
    const others = here.map(({ entry, path }) => served(entry.name, entry.languages > 1, path));
    return [first, ...(await Promise.all(others))];
  };
  return {
    default: first.id,
    list: installed,
    find: async (id) => (id === first.id ? first : (await installed()).find((model) => model.id === id)),
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
