import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const project = fileURLToPath(new URL('../../', import.meta.url));
let copy = '';

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'fences-'));
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'), 'dir');
  for (const name of ['package.json', 'tsconfig.json']) cpSync(join(project, name), join(copy, name));
  plant('src/core/index.ts', 'export const one = 1;\n');
  plant('src/audio/index.ts', "import { one } from '../core/index.ts';\nexport const two = one + one;\n");
  plant('src/engines/whisper/index.ts', "export { one } from '../../core/index.ts';\n");
  plant('src/engines/scripted/index.ts', "export { one as same } from '../../core/index.ts';\n");
});
afterEach(() => {
  rmSync(copy, { recursive: true, force: true });
});

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
}

/** Runs the check of `npm run check:fences` on `folder`. */
function check(folder: string): { readonly status: number | null; readonly text: string } {
  const run = spawnSync(process.execPath, [join(project, 'test/fences/check.mjs'), folder], { encoding: 'utf8' });
  return { status: run.status, text: run.stdout + run.stderr };
}

test('passes a tree that keeps to the fences', () => {
  const { status, text } = check(copy);
  expect(text).toMatch(/^4 files, [1-9]\d* imports\n$/);
  expect(status).toBe(0);
});

test.each([
  [
    'a room that is not named for it',
    'src/audio/spy.ts',
    "export * from '../engines/whisper/index.ts';",
    'audio-imports-only',
  ],
  ['a type across a fence', 'src/core/spy.ts', "export type * from '../audio/index.ts';", 'core-imports-only'],
  ['a sibling adapter', 'src/engines/scripted/spy.ts', "export * from '../whisper/index.ts';", 'siblings'],
  [
    'a file behind the entry of a room',
    'src/audio/spy.ts',
    "export * from '../core/units.ts';",
    'entered-by-their-index',
  ],
  ['the file system from a pure room', 'src/core/spy.ts', "export * from 'node:fs';", 'pure-rooms'],
  ['a development package', 'src/audio/spy.ts', "export * from 'fast-check';", 'development-package'],
  [
    'a package into what pages load',
    'src/client/spy.ts',
    "export * from 'zod';",
    'browsers-have-nothing-but-the-client',
  ],
  ['a room into what pages load', 'src/client/spy.ts', "export * from '../core/index.ts';", 'client-imports-only'],
  ['a file that is not there', 'src/audio/spy.ts', "export * from './ghost.ts';", 'everything-resolves'],
  ['anything from a room that nobody planned', 'src/utils/spy.ts', "export * from '../core/index.ts';", 'known-room'],
  ['the inside of a room from the bench', 'bench/spy.ts', "export * from '../src/audio/index.ts';", 'public-api'],
])('fails when a file imports %s', (_what, path, text, rule) => {
  plant('src/core/units.ts', 'export const three = 3;\n');
  plant(path, `${text}\n`);
  const run = check(copy);
  expect(run.text).toContain(`${path} → `);
  expect(run.text).toContain(rule);
  expect(run.status).toBe(1);
});

test('sees an import inside a block that declares with `using`', () => {
  plant('src/engines/index.ts', 'export const open = (): Disposable => ({ [Symbol.dispose]() {} });\n');
  plant(
    'src/audio/spy.ts',
    "export async function spy(): Promise<void> {\n  await using it = (await import('../engines/index.ts')).open();\n}\n",
  );
  const run = check(copy);
  expect(run.text).toContain('audio-imports-only');
  expect(run.status).toBe(1);
});

test('fails when two files import each other', () => {
  plant('src/audio/left.ts', "import { right } from './right.ts';\nexport const left = (): unknown => right;\n");
  plant('src/audio/right.ts', "import { left } from './left.ts';\nexport const right = (): unknown => left;\n");
  const run = check(copy);
  expect(run.text).toContain('no-cycles');
  expect(run.status).toBe(1);
});

test('fails when there is nothing to check', () => {
  rmSync(join(copy, 'src'), { recursive: true });
  mkdirSync(join(copy, 'src'));
  const run = check(copy);
  expect(run.text).toContain('nothing to check');
  expect(run.status).toBe(1);
});
