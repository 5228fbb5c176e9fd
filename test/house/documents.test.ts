import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';

const project = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(project, path), 'utf8');

const Names = z.record(z.string(), z.string());
const manifest = z
  .object({
    version: z.string(),
    dependencies: Names,
    devDependencies: Names,
    scripts: Names,
    files: z.array(z.string()),
  })
  .parse(JSON.parse(read('package.json')));
const lock = z
  .object({
    packages: z.record(z.string(), z.object({ license: z.string().optional(), dev: z.boolean().optional() })),
  })
  .parse(JSON.parse(read('package-lock.json')));
const { rooms } = z
  .object({ rooms: z.record(z.string(), z.array(z.string())) })
  .parse(JSON.parse(read('test/fences/rooms.json')));

/** First and second cell of every table row whose first cell is one name in code quotes, under a heading. */
function rowsUnder(path: string, heading: string): ReadonlyMap<string, string> {
  const section =
    read(path)
      .split(/^## /m)
      .find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = [...section.matchAll(/^\| `([^`]+)` +\| ([^|]*?) +\|/gm)];
  return new Map(rows.map(([, name = '', second = '']) => [name, second]));
}

test('the page of dependencies lists what package.json does, no more and no less', () => {
  const names = (heading: string): readonly string[] =>
    [...rowsUnder('docs/dependencies.md', heading).keys()].toSorted();
  expect(names('To run')).toEqual(Object.keys(manifest.dependencies).toSorted());
  expect(names('To develop')).toEqual(Object.keys(manifest.devDependencies).toSorted());
});

test('THIRD-PARTY.md lists every package that is installed with ours, with its licence', () => {
  const installed = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true)
    .map(([path, { license }]) => [path.replace(/^.*node_modules\//, ''), license ?? 'unknown'] as const);
  const listed = rowsUnder('THIRD-PARTY.md', 'Packages installed with it');
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(installed));
});

test('whatever is installed under a copyleft licence is explained', () => {
  const [, explained = ''] = read('docs/dependencies.md').split('### Copyleft');
  const listed = [...rowsUnder('THIRD-PARTY.md', 'Packages installed with it')];
  const copyleft = listed.filter(([, licence]) => !/^\(?(MIT|ISC|0BSD|BSD|Apache|CC0|BlueOak|Unlicense)/.test(licence));
  expect(copyleft.length).toBeGreaterThan(0);
  for (const [name] of copyleft) expect(explained).toContain(`\`${name}\``);
});

test('THIRD-PARTY.md names every model and recording that ships', () => {
  const text = read('THIRD-PARTY.md');
  const shipped = ['models', 'examples'].flatMap((folder) =>
    readdirSync(join(project, folder)).map((name) => `${folder}/${name}`),
  );
  for (const path of shipped.filter((name) => /\.(bin|onnx|wav|flac|mp3)$/.test(name)))
    expect(text).toContain(`\`${path}\``);
});

test('the list of recordings for tests names every one of them', () => {
  const text = read('test/fixtures/README.md');
  const recordings = readdirSync(join(project, 'test/fixtures'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(wav|aiff|flac|mp3|ogg|oga|opus|webm|m4a|mp4|aac)$/.test(path));
  expect(recordings.length).toBeGreaterThan(0);
  for (const path of recordings) expect(text).toContain(path.split('/').at(-1));
});

test('the map shows the rooms that are there, with the imports that the fences allow', () => {
  const built = readdirSync(join(project, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const shown = rowsUnder('docs/architecture.md', 'Rooms');
  expect([...shown.keys()].toSorted()).toEqual(built.map(({ name }) => name).toSorted());
  for (const [room, text] of shown) {
    const allowed = (rooms[room] ?? []).filter((name) => name === '*' || shown.has(name));
    const words = text === 'nothing' ? [] : text === 'everything' ? ['*'] : text.split(', ');
    expect([room, ...words.toSorted()]).toEqual([room, ...allowed.toSorted()]);
  }
});

test('the changelog tells of the version that package.json has', () => {
  expect(read('CHANGELOG.md')).toContain(`## [${manifest.version}] - `);
});

test('every script that a page names is there', () => {
  for (const path of ['README.md', 'CONTRIBUTING.md']) {
    const named = [...read(path).matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(named));
  }
});

test('every link between pages leads to a file', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'THIRD-PARTY.md',
    ...readdirSync(join(project, 'docs')).map((name) => `docs/${name}`),
  ];
  const dead = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(project, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );
  expect(dead).toEqual([]);
});
