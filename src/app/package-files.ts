/** Where the files that ship with the package stand: two folders above this one, built or not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const BUILT_IN_FOLDER = join(ROOT, 'models');
export const VAD_MODEL = join(BUILT_IN_FOLDER, 'silero-vad-v6.onnx');
/** Eleven seconds of a speech: what `doctor` transcribes. */
export const SAMPLE_RECORDING = join(ROOT, 'examples', 'jfk.wav');

export async function packageVersion(name = '.'): Promise<string> {
  const path = name === '.' ? join(ROOT, 'package.json') : join(ROOT, 'node_modules', name, 'package.json');
  const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return 'unknown';
  return String(manifest.version);
}

/** The page that live sessions can be tried with, and the client that it loads. */
export const LIVE_PAGE = fileURLToPath(new URL('../../examples/live.html', import.meta.url));
export const BROWSER_CLIENT = fileURLToPath(new URL('../../dist/client/browser.min.js', import.meta.url));
