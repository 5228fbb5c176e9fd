/** The list of known models: `models/catalog.json`, checked and flattened to one entry a downloadable variant. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ScriptoriumError } from '../core/index.ts';

/** The file's name in the folder of built-in models. */
const CATALOG_FILE = 'catalog.json';

/** Names become folders: lower case, nothing that a path could mean something by. */
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/);
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
const count = z.int().min(0);

const File = z.strictObject({
  name: fileName,
  /** Null where nobody whom we could check has published it. */
  bytes: count.nullable(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
});

const Variant = z.strictObject({
  name,
  format: z.enum(['ggml', 'safetensors']),
  precision: z.enum(['f32', 'f16', 'q8_0', 'q5_0', 'q5_1']),
  builtIn: z.boolean(),
  /** `owner/name` at the hub, and the commit or branch; null for what ships with the package. */
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .nullable(),
  revision: z
    .string()
    .regex(/^[\w.-]+$/)
    .nullable(),
  files: z.array(File).min(1),
});

const Model = z.strictObject({
  model: name,
  parameters: count,
  /** How many languages it was made for: 1 is English. */
  languages: count.min(1),
  /** SPDX identifier. */
  licence: z.string(),
  /** [decoder layer, head]; null where nobody has measured them. */
  alignmentHeads: z.array(z.tuple([count, count])).nullable(),
  variants: z.array(Variant).min(1),
});

const CatalogFile = z.strictObject({
  version: z.literal(1),
  /** Where repositories are: `HUB/owner/name/resolve/revision/file`. */
  hub: z.url(),
  aliases: z.record(name, name),
  models: z.array(Model),
});

export type CatalogedFile = Readonly<z.infer<typeof File>>;

/** One variant of one model, with what is known of the model. */
export interface CatalogEntry {
  readonly name: string;
  /** The model it is a variant of, as `small` for `small-q5_1`. */
  readonly model: string;
  readonly format: 'ggml' | 'safetensors';
  readonly precision: 'f32' | 'f16' | 'q8_0' | 'q5_0' | 'q5_1';
  readonly builtIn: boolean;
  readonly parameters: number;
  /** How many languages it was made for: 1 is English. */
  readonly languages: number;
  readonly licence: string;
  /** [decoder layer, head]; undefined where nobody has measured them. */
  readonly alignmentHeads?: readonly (readonly [number, number])[];
  readonly repository: string | null;
  readonly revision: string | null;
  /** Web page of its source; empty for what ships with the package. */
  readonly source: string;
  readonly files: readonly CatalogedFile[];
  /** Of all files whose size is known. */
  readonly bytes: number;
}

export interface Catalog {
  readonly hub: string;
  /** In the order of the file: small models first. */
  readonly entries: readonly CatalogEntry[];
  readonly aliases: ReadonlyMap<string, string>;
}

/** @throws ScriptoriumError `model-invalid` when the list is missing or damaged: the installation is broken. */
export async function loadCatalog(folder: string): Promise<Catalog> {
  const path = join(folder, CATALOG_FILE);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ScriptoriumError(
      'model-invalid',
      `${path}: the list of models cannot be read; install the package again`,
      {
        cause,
      },
    );
  });
  return parseCatalog(text, path);
}

/** @throws ScriptoriumError `model-invalid` that says what is wrong where. */
export function parseCatalog(text: string, path: string): Catalog {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ScriptoriumError('model-invalid', `${path}: it is no JSON`, { cause });
  }
  const result = CatalogFile.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new ScriptoriumError('model-invalid', `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const { hub, aliases, models } = result.data;
  const entries = models.flatMap(({ variants, alignmentHeads, ...model }) =>
    variants.map((variant): CatalogEntry => ({
      ...model,
      ...variant,
      ...(alignmentHeads === null ? {} : { alignmentHeads }),
      source: variant.repository === null ? '' : `${hub}/${variant.repository}`,
      bytes: variant.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0),
    })),
  );
  return { hub, entries, aliases: new Map(Object.entries(aliases)) };
}

/** The entry of a name or alias, in any case. */
export function findEntry(catalog: Catalog, wanted: string): CatalogEntry | undefined {
  const lower = wanted.toLowerCase();
  const target = catalog.aliases.get(lower) ?? lower;
  return catalog.entries.find((entry) => entry.name === target);
}
