import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { ScriptoriumError } from '../../../core/index.ts';
import { readExactly } from './file-window.ts';
import { inFile } from './in-file.ts';

/** The largest JSON of a published model, a tokenizer, has 4 MB. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Text of a file in a folder; undefined when there is no such file. @throws ScriptoriumError `model-invalid` when it is huge. */
export async function readTextFile(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  return inFile(path, async () => {
    const handle = await open(path, 'r').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (handle === undefined) return undefined;
    try {
      const { size } = await handle.stat();
      if (size > MAX_JSON_BYTES)
        throw new ScriptoriumError('model-invalid', `it has ${size} bytes, too many to be text`);
      return new TextDecoder().decode(await readExactly(handle, size, 0, size));
    } finally {
      await handle.close();
    }
  });
}

/** A JSON file of a folder, checked; undefined when there is no such file. @throws ScriptoriumError `model-invalid`. */
export async function readJsonFile<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readTextFile(folder, name);
  return text === undefined ? undefined : inFile(join(folder, name), async () => parseJson(text, schema));
}

/** @throws ScriptoriumError `model-invalid` that says what is wrong where. */
export function parseJson<T>(text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ScriptoriumError('model-invalid', 'it is no JSON', { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ScriptoriumError('model-invalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unexpected'}`);
}
