import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { ScriptoriumError } from '../core/index.ts';
import { MAX_CONFIG_FILE_BYTES } from './bounds.ts';
import { suggestion } from './nearest.ts';
import { OPTION_LIST, type OptionName } from './options.ts';

/** Looked for in the working folder when no other is named. */
export const CONFIG_FILE_NAME = 'scriptorium.config.json';

export interface FileSettings {
  readonly path: string;
  readonly values: ReadonlyMap<OptionName, unknown>;
  /** One line for each name that is no setting. */
  readonly problems: readonly string[];
}

/**
 * Reads a config file: a JSON object of settings by name. Undefined when none was named and the folder has none.
 *
 * @throws ScriptoriumError `usage-invalid` when the named one is missing, or when it is no JSON object.
 */
export async function readConfigFile(named: string | undefined, cwd: string): Promise<FileSettings | undefined> {
  const path = resolve(cwd, named ?? CONFIG_FILE_NAME);
  const shownPath = named ?? basename(path);
  const text = await readText(path, shownPath, named === undefined);
  if (text === undefined) return undefined;
  const content = parseObject(text, shownPath);
  const values = new Map<OptionName, unknown>();
  const problems: string[] = [];
  const names = OPTION_LIST.map(([name]) => name);
  for (const [key, value] of Object.entries(content)) {
    if (key === '$schema') continue;
    const name = names.find((each) => each === key);
    if (name === undefined) problems.push(`${key} in ${shownPath} is no setting${suggestion(key, names)}`);
    else values.set(name, value);
  }
  return { path: shownPath, values, problems };
}

async function readText(path: string, shownPath: string, mayBeMissing: boolean): Promise<string | undefined> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size <= MAX_CONFIG_FILE_BYTES) return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    if (mayBeMissing && code === 'ENOENT') return undefined;
    throw new ScriptoriumError('usage-invalid', `config file ${shownPath} cannot be read (${code})`, { cause });
  }
  throw new ScriptoriumError('usage-invalid', `config file ${shownPath} is too large to be one`);
}

function parseObject(text: string, shownPath: string): object {
  let content: unknown;
  try {
    // Editors of Windows put a mark before UTF-8, which is no part of the JSON.
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ScriptoriumError('usage-invalid', `config file ${shownPath} is no JSON: ${reason}`, { cause });
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
  throw new ScriptoriumError('usage-invalid', `config file ${shownPath} must be a JSON object of settings`);
}
