import type { Progress } from '../../app/index.ts';
import { clock, speedText } from '../terminal/durations.ts';
import type { Style } from '../terminal/style.ts';
import { clip, fill } from './clip.ts';
import { paceOf, type Pace, type ProgressView } from './progress.ts';
import type { ViewIo } from './view-io.ts';

/** Between two drawings: faster than an eye, slower than a flood. */
const REDRAW_MS = 80;
const MOST_BAR_COLUMNS = 24;
/** A shorter bar says nothing: narrow terminals get only numbers. */
const LEAST_BAR_COLUMNS = 8;
const MOST_NAME_COLUMNS = 28;
/** What numbers take at most: `100%  1:32:05/1:32:05  36×  1:00:05 left`. */
const NUMBER_COLUMNS = 42;

const UP_AND_CLEAR = '\u001B[1A\u001B[2K';
const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';

interface Row {
  readonly startedAt: number;
  progress: Progress | undefined;
}

/** A line with a bar for each recording under way, redrawn in place, and how many wait; for terminals. */
export function barView(names: readonly string[], style: Style, io: ViewIo): ProgressView {
  const rows = new Map<number, Row>();
  let done = 0;
  let drawn = 0;
  let drawnAt = -Infinity;
  /** How many write beside the view just now; what is said meanwhile is kept for later. */
  let asides = 0;
  const later: string[] = [];

  const lines = (): string[] => {
    const columns = io.columns() - 1;
    const shown = [...rows].map(([index, row]) => rowLine(names[index] ?? '', row, io.now(), columns, style));
    const waiting = names.length - done - rows.size;
    return waiting > 0 ? [...shown, style.dim(`+ ${String(waiting)} waiting`)] : shown;
  };
  /** One write a drawing, so that nothing flickers. @param before lines that stay above. */
  const draw = (before: readonly string[], below: readonly string[]): void => {
    if (asides > 0) {
      later.push(...before);
      return;
    }
    const kept = before.filter((line) => line !== '').map((line) => `${line}\n`);
    const hide = drawn === 0 && below.length > 0 ? HIDE_CURSOR : '';
    const show = drawn > 0 && below.length === 0 ? SHOW_CURSOR : '';
    io.write(`${hide}${UP_AND_CLEAR.repeat(drawn)}${kept.join('')}${below.map((line) => `${line}\n`).join('')}${show}`);
    drawn = below.length;
    drawnAt = io.now();
  };
  return {
    start(index) {
      rows.set(index, { startedAt: io.now(), progress: undefined });
      draw([], lines());
    },
    update(index, progress) {
      const row = rows.get(index);
      if (row === undefined) return;
      row.progress = progress;
      if (io.now() - drawnAt >= REDRAW_MS) draw([], lines());
    },
    finish(index, line) {
      rows.delete(index);
      done++;
      draw([line], lines());
    },
    say(line) {
      draw([line], lines());
    },
    async aside(work) {
      draw([], []);
      asides++;
      try {
        await io.drain();
        await work();
      } finally {
        asides--;
        draw(later.splice(0), lines());
      }
    },
    async close() {
      draw([], []);
      await io.drain();
    },
  };
}

function rowLine(name: string, { progress, startedAt }: Row, now: number, columns: number, style: Style): string {
  const title = fill(name, Math.min(MOST_NAME_COLUMNS, Math.floor(columns / 4)));
  if (progress === undefined) return clip(`${title}  starting`, columns);
  // While the first are listened to, how much was read shows that it lives.
  if (progress.transcribedMs <= 0) return clip(`${title}  listening, ${clock(progress.decodedMs)} read`, columns);
  const pace = paceOf(progress, now - startedAt);
  const room = Math.min(MOST_BAR_COLUMNS, columns - title.length - NUMBER_COLUMNS - 4);
  const bar = pace.share === undefined || room < LEAST_BAR_COLUMNS ? '' : `${barOf(pace.share, room, style)}  `;
  // The bar may hold colour: only the rest is measured and cut.
  const rest = columns - title.length - 2 - (bar === '' ? 0 : room + 2);
  return `${title}  ${bar}${clip(numbers(pace), rest)}`;
}

function barOf(share: number, width: number, style: Style): string {
  const full = Math.floor(share * width);
  return style.green('█'.repeat(full)) + style.dim('░'.repeat(width - full));
}

function numbers({ share, doneMs, totalMs, speed, leftMs }: Pace): string {
  const position = totalMs === undefined ? clock(doneMs) : `${clock(doneMs)}/${clock(totalMs)}`;
  const percent = share === undefined ? [] : [`${String(Math.floor(share * 100)).padStart(3)}%`];
  const fast = speed === 0 ? [] : [speedText(speed)];
  const left = leftMs === undefined ? [] : [`${clock(leftMs + 999)} left`];
  return [...percent, position, ...fast, ...left].join('  ');
}
