import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig, type LoadedConfig } from './load-config.ts';
import { envName } from './option.ts';
import { OPTION_LIST, type OptionName } from './options.ts';
import { CONFIG_SCHEMA } from './schema.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'scriptorium-config-'));
});
afterEach(() => rm(cwd, { recursive: true }));

interface Given {
  readonly flags?: Partial<Record<OptionName, unknown>>;
  readonly env?: Record<string, string>;
  readonly file?: string;
}

const load = ({ flags = {}, env = {}, file }: Given = {}): Promise<LoadedConfig> =>
  loadConfig({
    flags: new Map(
      OPTION_LIST.flatMap(([name, { flag }]) =>
        name in flags ? [[name, { as: `--${flag}`, value: flags[name] }] as const] : [],
      ),
    ),
    machine: { platform: 'linux', home: '/home/user', env },
    cwd,
    ...(file === undefined ? {} : { file }),
  });

const inFile = (settings: unknown): Promise<void> =>
  writeFile(join(cwd, 'scriptorium.config.json'), JSON.stringify(settings));

test('flags win over variables, variables over the file, the file over defaults', async () => {
  await inFile({ beamSize: 2, jobs: 2, seed: 2 });
  const env = { SCRIPTORIUM_BEAM_SIZE: '3', SCRIPTORIUM_JOBS: '3' };
  const { config, given, file } = await load({ flags: { beamSize: '4' }, env });
  expect([config.beamSize, config.jobs, config.seed, config.maxLineCount]).toEqual([4, 3, 2, 2]);
  expect([...given].sort()).toEqual(['beamSize', 'jobs', 'seed']);
  expect(file).toBe('scriptorium.config.json');
});

test('every default is valid, and every setting of the schema stands in the table', async () => {
  const { config } = await load();
  expect(Object.keys(CONFIG_SCHEMA.shape).sort()).toEqual(OPTION_LIST.map(([name]) => name).sort());
  expect(config).toMatchObject({ model: 'tiny.en', formats: ['txt'], language: 'auto', maxLineWidth: 'auto' });
  expect(config.modelsDir).toBe('/home/user/.local/share/scriptorium/models');
  expect(config.cacheDir).toBe('/home/user/.cache/scriptorium');
});

test('text of flags and variables becomes numbers, flags and lists', async () => {
  const env = {
    SCRIPTORIUM_WORDS: 'yes',
    SCRIPTORIUM_FORMAT: 'srt, vtt,srt',
    SCRIPTORIUM_LOGPROB_THRESHOLD: '-0.5',
    SCRIPTORIUM_THREADS: '2',
    SCRIPTORIUM_OVERWRITE: '',
  };
  const { config } = await load({ env, flags: { keywords: ['a,b', 'c d'] } });
  expect(config).toMatchObject({
    words: true,
    formats: ['srt', 'vtt'],
    logprobThreshold: -0.5,
    threads: 2,
    overwrite: false,
    keywords: ['a', 'b', 'c d'],
  });
});

test('all formats may be asked for at once', async () => {
  expect((await load({ flags: { formats: ['all'] } })).config.formats).toHaveLength(8);
});

test('a language is known by code, name and tag', async () => {
  for (const [word, code] of [
    ['German', 'de'],
    ['pt-BR', 'pt'],
    ['AUTO', 'auto'],
  ] as const) {
    expect((await load({ flags: { language: word } })).config.language).toBe(code);
  }
});

test('origins are kept as browsers write them, and what is none is refused', async () => {
  const cors =
    'https://app.example/, HTTPS://App.Example:443, http://[::1]:3000, https://bücher.example, capacitor://localhost, *';
  expect((await load({ flags: { cors } })).config.cors).toEqual([
    'https://app.example',
    'https://app.example',
    'http://[::1]:3000',
    'https://xn--bcher-kva.example',
    'capacitor://localhost',
    '*',
  ]);
  for (const wrong of [
    'app.example',
    'https://app.example/page',
    'https://*.app.example',
    'https://app.example?a',
    'https://a:b@app.example',
    'https:',
  ]) {
    await expect(load({ flags: { cors: wrong } })).rejects.toThrow('--cors must be *, or origins of web pages such as');
  }
});

test('every wrong value is told at once, by the name it was given under', async () => {
  await inFile({ task: 'sing', beamsize: 3 });
  const env = { SCRIPTORIUM_JOBS: '0', SCRIPTORIUM_MODLE: 'x', OTHER: 'y' };
  const flags = { beamSize: '1.5', language: 'klingon', temperature: 'warm', words: 'maybe', formats: ['txt', 'doc'] };
  await expect(load({ env, flags })).rejects.toMatchObject({
    code: 'usage-invalid',
    message: [
      'SCRIPTORIUM_MODLE is no variable of scriptorium; did you mean SCRIPTORIUM_MODEL?',
      'beamsize in scriptorium.config.json is no setting; did you mean beamSize?',
      '--format must be one of txt, srt, vtt, json, native, tsv, lrc, md, not ["txt","doc"]',
      '--words must be true or false, not "maybe"',
      '--language must be auto, or a language by code or English name (en, german), not "klingon"',
      'task in scriptorium.config.json must be one of transcribe, translate, not "sing"',
      '--beam-size must be a whole number from 1 to 8, not "1.5"',
      '--temperature must be a number from 0 to 1, not "warm"',
      'SCRIPTORIUM_JOBS must be a whole number from 1 to 64, not "0"',
    ].join('\n'),
  });
});

test('a number beyond its bounds is told with both of them, also where a word may stand in its place', async () => {
  const env = {
    SCRIPTORIUM_MAX: '0',
    SCRIPTORIUM_THREADS: '2.5',
    SCRIPTORIUM_MODEL_MEMORY: '0',
    SCRIPTORIUM_TEMPERATURE_INCREMENT: '2',
  };
  const error: unknown = await load({ env }).catch((failure: unknown) => failure);
  const lines = error instanceof Error ? error.message.split('\n') : [];
  expect(lines.toSorted()).toEqual([
    expect.stringMatching(/^SCRIPTORIUM_MAX must be auto or a whole number from 1 to \d+, not "0"$/),
    expect.stringMatching(/^SCRIPTORIUM_MODEL_MEMORY must be auto or a number from 0\.1 to \d+, not "0"$/),
    'SCRIPTORIUM_TEMPERATURE_INCREMENT must be none or a number from 0.01 to 1, not "2"',
    expect.stringMatching(/^SCRIPTORIUM_THREADS must be auto or a whole number from 1 to \d+, not "2\.5"$/),
  ]);
});

test.each([
  ['{"a":', 'is no JSON'],
  ['[]', 'must be a JSON object'],
  [' '.repeat(1_048_577), 'is too large'],
])('a config file that is none is refused: %#', async (content, reason) => {
  await writeFile(join(cwd, 'scriptorium.config.json'), content);
  await expect(load()).rejects.toThrow(reason);
});

test('a mark of UTF-8 before a config file is no part of it', async () => {
  await writeFile(join(cwd, 'scriptorium.config.json'), '\uFEFF{"jobs":2}');
  expect((await load()).config.jobs).toBe(2);
});

test('a named config file must be there; the usual one need not', async () => {
  await expect(load({ file: 'mine.json' })).rejects.toThrow('config file mine.json cannot be read (ENOENT)');
  await expect(load({ env: { SCRIPTORIUM_CONFIG: 'mine.json' } })).rejects.toMatchObject({ code: 'usage-invalid' });
  await expect(load()).resolves.toMatchObject({ given: new Set() });
});

test('paths are taken from the working folder, and the whole is frozen', async () => {
  const { config } = await load({ flags: { outputDir: 'out', cacheDir: '/c' } });
  expect([config.outputDir, config.cacheDir]).toEqual([join(cwd, 'out'), '/c']);
  expect(Object.isFrozen(config) && Object.isFrozen(config.formats)).toBe(true);
});

test('no two settings share a flag, a short flag, an alias or a variable', () => {
  const flags = OPTION_LIST.flatMap(([, option]) => [option.flag, ...(option.aliases ?? [])]);
  const shorts = OPTION_LIST.flatMap(([, option]) => option.short ?? []);
  const variables = OPTION_LIST.map(([, option]) => envName(option));
  for (const names of [flags, shorts, variables]) expect(new Set(names).size).toBe(names.length);
});
