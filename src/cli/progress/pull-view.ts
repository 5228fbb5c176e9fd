import type { Config } from '../../config/index.ts';
import { clock, size } from '../terminal/durations.ts';
import type { World } from '../world.ts';
import { clip } from './clip.ts';
import { viewIo } from './view-io.ts';

/** How a download is told: bytes, rate and time left, in one line that is redrawn on a terminal. */
export interface PullView {
  readonly update: (progress: { readonly receivedBytes: number; readonly totalBytes?: number }) => void;
  readonly close: () => Promise<void>;
}

const REDRAW_MS = 100;
const LINE_EVERY_MS = 5000;

export function pullView(name: string, config: Config, world: World): PullView {
  const io = viewIo(world);
  const auto = world.stderr.isTerminal && !config.quiet ? 'bar' : 'none';
  const kind = config.progress === 'auto' ? auto : config.progress;
  let first: { readonly at: number; readonly bytes: number } | undefined;
  let shownAt = -Infinity;
  let drawn = false;
  return {
    update({ receivedBytes, totalBytes }) {
      const now = io.now();
      // A resumed download starts with what it has: only the rest tells the rate.
      first ??= { at: now, bytes: receivedBytes };
      if (kind === 'none' || now - shownAt < (kind === 'lines' ? LINE_EVERY_MS : REDRAW_MS)) return;
      shownAt = now;
      const rate = now > first.at ? (receivedBytes - first.bytes) / (now - first.at) : 0;
      if (kind === 'json') {
        io.write(
          `${JSON.stringify({ type: 'progress', model: name, receivedBytes, totalBytes, bytesPerSecond: rate * 1000 })}\n`,
        );
        return;
      }
      const share = totalBytes === undefined ? [] : [`${String(Math.floor((receivedBytes / totalBytes) * 100))}%`];
      const of = totalBytes === undefined ? '' : ` of ${size(totalBytes)}`;
      const left = totalBytes === undefined || rate <= 0 ? [] : [`${clock((totalBytes - receivedBytes) / rate)} left`];
      const speed = rate > 0 ? [`${size(rate * 1000)}/s`] : [];
      const line = [name, ...share, `${size(receivedBytes)}${of}`, ...speed, ...left].join('  ');
      io.write(kind === 'lines' ? `${line}\n` : `\r\u001B[2K${clip(line, io.columns() - 1)}`);
      drawn = kind === 'bar';
    },
    async close() {
      if (drawn) io.write('\r\u001B[2K');
      await io.drain();
    },
  };
}
