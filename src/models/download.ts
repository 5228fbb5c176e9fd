/** A whole file from the first address that has it: tried again, with growing pauses, while that may help. */
import { millis, ScriptoriumError } from '../core/index.ts';
import { fetchPart, type PartOutcome, type PullIo } from './fetch-part.ts';
import { FIRST_BACKOFF, LONGEST_BACKOFF, MAX_FRUITLESS_TRIES, MAX_TRIES } from './limits.ts';
import { openPartFile, type PartFile } from './part-file.ts';

export interface FileRequest {
  /** Path of the part file; it may hold the start already. */
  readonly path: string;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly signal: AbortSignal;
  /** Called with the part's size, often. */
  readonly onBytes: (size: number) => void;
}

/**
 * Fills the part file. What came stays there when it fails, for the next time.
 *
 * @param urls tried in order; the next when one answers that it has no such file.
 * @throws ScriptoriumError `model-download-failed`, `output-unwritable`; the reason of the signal.
 */
export async function downloadFile(urls: readonly string[], request: FileRequest, io: PullIo): Promise<void> {
  const part = await openPartFile(request.path);
  try {
    await fill(part, urls, request, io);
  } finally {
    await part[Symbol.asyncDispose]();
  }
}

async function fill(part: PartFile, urls: readonly string[], request: FileRequest, io: PullIo): Promise<void> {
  if (part.size() > (request.bytes ?? Infinity)) await part.clear();
  for (const url of urls) {
    let fruitless = 0;
    for (let tries = 1; ; tries++) {
      if (request.bytes !== null && part.size() === request.bytes) return;
      const before = part.size();
      const outcome = await fetchPart({
        url,
        part,
        path: request.path,
        bytes: request.bytes,
        checked: request.sha256 !== null,
        io,
        signal: request.signal,
        onBytes: () => request.onBytes(part.size()),
      });
      if (outcome.kind === 'complete') return;
      if (outcome.kind === 'absent') break;
      fruitless = part.size() > before ? 0 : fruitless + 1;
      if (fruitless >= MAX_FRUITLESS_TRIES || tries >= MAX_TRIES) {
        throw new ScriptoriumError('model-download-failed', `${outcome.reason}; given up after ${tries} tries`);
      }
      await io.sleep(pauseBefore(fruitless, outcome), request.signal);
    }
  }
  throw new ScriptoriumError('model-download-failed', `${urls.join(', ')}: there is no such file`);
}

function pauseBefore(fruitless: number, outcome: PartOutcome): ReturnType<typeof millis> {
  const backoff = Math.min(FIRST_BACKOFF * 2 ** Math.max(0, fruitless - 1), LONGEST_BACKOFF);
  return millis(Math.max(backoff, outcome.kind === 'again' ? (outcome.after ?? 0) : 0));
}
