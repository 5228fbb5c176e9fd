import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FORMAT_NAMES as WRITTEN } from '../../src/transcript/index.ts';
import { CONFIG_SCHEMA } from '../../src/config/schema.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { errorTable, exitTable, formatTable, optionTables, settingTable } from './reference-tables.ts';

/** A page with the spaces and rules of its tables as short as they can be. */
const plain = (text: string): string => text.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');
const page = (name: string): string => plain(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'));

test('docs/cli.md has every option of every command, every format and every exit code, as they are', () => {
  const text = page('cli.md');
  for (const { name } of COMMANDS) expect(text).toContain(plain(optionTables(name)));
  expect(text).toContain(plain(formatTable()));
  expect(text).toContain(plain(exitTable()));
});

test('docs/configuration.md has every setting, as it is', () => {
  expect(page('configuration.md')).toContain(plain(settingTable()));
});

test('docs/errors.md has every error, as it is', () => {
  expect(page('errors.md')).toContain(plain(errorTable()));
});

test('the formats that may be asked for are those that can be written', () => {
  expect(CONFIG_SCHEMA.shape.formats.parse(['all'])).toEqual([...WRITTEN]);
});
