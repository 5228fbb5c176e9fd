import { createReadStream } from 'node:fs';
import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { asScriptoriumError, makeFolder, ScriptoriumError, unwritable } from '../core/index.ts';
import type { App, AppIo, DoctorCheck, TranscribeRequest } from './app.ts';
import { DEFAULT_REQUEST } from './default-request.ts';
import { SAMPLE_RECORDING } from './package-files.ts';
import type { AppSettings } from './settings.ts';
import { ffmpegVersion } from './versions.ts';

/** Less free space than this keeps a small model's graphs from being built. */
const LEAST_FREE_BYTES = 200e6;
const GIB = 2 ** 30;

/** What the sample recording says: a machine on which these words don't come out can't be trusted. */
const EXPECTED = /ask not what your country can do for you/i;

const CANARY: TranscribeRequest = { ...DEFAULT_REQUEST, language: 'en', beamSize: 1, temperatures: [0] };

/** Looks at the machine, one thing after the other; the last transcribes the bundled recording. */
export async function* examine(
  app: App,
  settings: AppSettings,
  io: AppIo,
  signal?: AbortSignal,
): AsyncGenerator<DoctorCheck, void, undefined> {
  yield machine();
  yield await model(app, settings);
  yield await ffmpeg(settings);
  yield await cache(settings);
  signal?.throwIfAborted();
  yield await canary(app, io, signal);
}

function machine(): DoctorCheck {
  const cores = availableParallelism();
  const processor = cpus()[0]?.model ?? 'unknown processor';
  const memory = totalmem() / GIB;
  return {
    name: 'machine',
    status: 'ok',
    detail: `Node ${process.versions.node} on ${process.platform}-${process.arch}, ${cores} × ${processor}, ${memory.toFixed(0)} GiB`,
    facts: {
      node: process.versions.node,
      platform: process.platform,
      arch: process.arch,
      processor,
      cores,
      memoryGiB: memory,
    },
  };
}

async function model(app: App, settings: AppSettings): Promise<DoctorCheck> {
  try {
    const [verdict] = await app.models.verify(settings.model);
    const sound = verdict?.sound ?? false;
    return {
      name: 'model',
      status: sound ? 'ok' : 'fail',
      detail: sound ? `${verdict?.name ?? ''} is whole (${verdict?.by ?? ''})` : (verdict?.reason ?? 'not found'),
      ...(sound ? {} : { fix: `run: scriptorium models pull ${settings.model}` }),
      facts: { model: settings.model, path: verdict?.path ?? '', sound },
    };
  } catch (error) {
    const { message } = asScriptoriumError(error, 'model-missing');
    return {
      name: 'model',
      status: 'fail',
      detail: message,
      fix: 'run: scriptorium models list',
      facts: { model: settings.model, sound: false },
    };
  }
}

async function ffmpeg(settings: AppSettings): Promise<DoctorCheck> {
  const version = settings.ffmpeg === undefined ? undefined : await ffmpegVersion(settings.ffmpeg);
  if (version !== undefined) return { name: 'ffmpeg', status: 'ok', detail: version, facts: { version } };
  return {
    name: 'ffmpeg',
    status: 'warn',
    detail: 'none: M4A, MP4, WebM and AAC can’t be read; WAV, FLAC, MP3, Ogg and AIFF can',
    fix: 'install ffmpeg',
    facts: { version: '' },
  };
}

async function cache(settings: AppSettings): Promise<DoctorCheck> {
  const folder = settings.cacheFolder;
  try {
    await makeFolder(folder, { mkdir, stat, dirname });
    const probe = join(folder, `.probe-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const tight = free < LEAST_FREE_BYTES;
    return {
      name: 'cache folder',
      status: tight ? 'warn' : 'ok',
      detail: `${folder}, ${(free / GIB).toFixed(1)} GiB free`,
      ...(tight ? { fix: 'free some space, or set another folder with --cache-dir' } : {}),
      facts: { folder, freeBytes: free },
    };
  } catch (error) {
    const { message } = error instanceof ScriptoriumError ? error : unwritable(folder, error);
    return {
      name: 'cache folder',
      status: 'fail',
      detail: message,
      fix: 'set another folder with --cache-dir',
      facts: { folder },
    };
  }
}

async function canary(app: App, io: AppIo, signal: AbortSignal | undefined): Promise<DoctorCheck> {
  const input = {
    name: 'the sample recording',
    path: SAMPLE_RECORDING,
    bytes: (await stat(SAMPLE_RECORDING)).size,
    open: () => createReadStream(SAMPLE_RECORDING),
  };
  const hooks = signal === undefined ? {} : { signal };
  try {
    await app.transcribe(input, CANARY, hooks);
    const start = io.now();
    const [transcript] = await app.transcribe(input, CANARY, hooks);
    const seconds = (io.now() - start) / 1000;
    const text = transcript?.text ?? '';
    const right = EXPECTED.test(text.replace(/,/g, ''));
    const speed = (transcript?.duration ?? 0) / 1000 / seconds;
    return {
      name: 'transcription',
      status: right ? 'ok' : 'warn',
      detail: right ? `the sample came out right, ${speed.toFixed(0)} × real time` : `the sample came out as “${text}”`,
      ...(right ? {} : { fix: 'check the model: scriptorium models verify' }),
      facts: { right, seconds, speed },
    };
  } catch (error) {
    const { message } = asScriptoriumError(error, 'engine-failed');
    return {
      name: 'transcription',
      status: 'fail',
      detail: message,
      fix: 'report it with this page',
      facts: { right: false },
    };
  }
}
