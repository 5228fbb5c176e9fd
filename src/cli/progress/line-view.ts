import { clock, speedText } from '../terminal/durations.ts';
import { paceOf, type ProgressView } from './progress.ts';
import type { ViewIo } from './view-io.ts';

/** A line at most so often for a recording. */
const EVERY_MS = 5000;

/** Plain lines for logs: one every few seconds a recording. */
export function lineView(names: readonly string[], io: ViewIo): ProgressView {
  const started = new Map<number, number>();
  const told = new Map<number, number>();
  return {
    start(index) {
      started.set(index, io.now());
      told.set(index, io.now());
    },
    update(index, progress) {
      const now = io.now();
      if (now - (told.get(index) ?? 0) < EVERY_MS) return;
      told.set(index, now);
      const { share, doneMs, totalMs, speed, leftMs } = paceOf(progress, now - (started.get(index) ?? now));
      const facts = [
        share === undefined
          ? clock(doneMs)
          : `${String(Math.floor(share * 100))} %, ${clock(doneMs)} of ${clock(totalMs ?? 0)}`,
        ...(speed === 0 ? [] : [speedText(speed)]),
        ...(leftMs === undefined ? [] : [`${clock(leftMs)} left`]),
      ];
      io.write(`${names[index] ?? ''}: ${facts.join(', ')}\n`);
    },
    finish(_index, line) {
      if (line !== '') io.write(`${line}\n`);
    },
    say: (line) => {
      io.write(`${line}\n`);
    },
    aside: (work) => work(),
    close: () => io.drain(),
  };
}

/** Progress as JSON on stderr, one event a line, for programs that start us. */
export function jsonView(names: readonly string[], io: ViewIo): ProgressView {
  const started = new Map<number, number>();
  const told = new Map<number, number>();
  return {
    start(index) {
      started.set(index, io.now());
    },
    update(index, progress) {
      const now = io.now();
      const complete = progress.totalMs !== undefined && progress.transcribedMs >= progress.totalMs;
      if (!complete && now - (told.get(index) ?? -Infinity) < JSON_EVERY_MS) return;
      told.set(index, now);
      const { share, speed, leftMs } = paceOf(progress, now - (started.get(index) ?? now));
      const event = { type: 'progress', input: names[index], index, ...progress, share, speed, leftMs };
      io.write(`${JSON.stringify(event)}\n`);
    },
    finish() {
      // The events on stdout tell what became of it.
    },
    say: (line) => {
      io.write(`${line}\n`);
    },
    aside: (work) => work(),
    close: () => io.drain(),
  };
}

const JSON_EVERY_MS = 250;

/** No progress, only what is said and what stays. */
export function silentView(io: ViewIo): ProgressView {
  const nothing = (): void => undefined;
  const say = (line: string): void => {
    if (line !== '') io.write(`${line}\n`);
  };
  return {
    start: nothing,
    update: nothing,
    finish: (_index, line) => say(line),
    say,
    aside: (work) => work(),
    close: () => io.drain(),
  };
}
