import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { packageVersion } from './package-files.ts';
import type { AppSettings } from './settings.ts';

/** How long a program may take to say its version, in milliseconds. */
const PATIENCE_MS = 5000;

/** The first line of `ffmpeg -version`; undefined when it does not run. */
export async function ffmpegVersion(path: string): Promise<string | undefined> {
  return promisify(execFile)(path, ['-version'], { timeout: PATIENCE_MS }).then(
    ({ stdout }) => stdout.split('\n')[0]?.replace(/^ffmpeg version (\S+).*/, '$1'),
    () => undefined,
  );
}

export async function versions(settings: AppSettings): Promise<Readonly<Record<string, string>>> {
  const known = (name: string): Promise<string> => packageVersion(name).catch(() => 'unknown');
  return {
    scriptorium: await known('.'),
    node: process.versions.node,
    'onnxruntime-node': await known('onnxruntime-node'),
    platform: `${process.platform}-${process.arch}`,
    model: settings.model,
    ffmpeg: (settings.ffmpeg === undefined ? undefined : await ffmpegVersion(settings.ffmpeg)) ?? 'none',
  };
}
