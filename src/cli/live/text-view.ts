import type { LiveEvent } from '../../client/index.ts';
import { flow } from './flow.ts';
import type { Style } from '../terminal/style.ts';
import type { Output } from '../world.ts';

/** What people see of a live session. */
export interface LiveView {
  show(event: LiveEvent): Promise<void>;
  /** Runs what writes elsewhere on the same terminal, with the open text out of its way. */
  aside(write: () => Promise<void>): Promise<void>;
  /** Nothing more comes: what was open is taken away. */
  close(): Promise<void>;
}

const ESCAPE = '\u001B[';
const CLEAR_BELOW = `${ESCAPE}0J`;

/** Finals, one a line. */
export function plainView(output: Output): LiveView {
  return {
    async show(event) {
      if (event.type === 'final' && event.text !== '') await output.write(`${event.text.trim()}\n`);
    },
    aside: (write) => write(),
    close: () => Promise.resolve(),
  };
}

/** Every event as one line of JSON. */
export function jsonView(output: Output): LiveView {
  return {
    show: (event) => output.write(`${JSON.stringify(shown(event))}\n`),
    aside: (write) => write(),
    close: () => Promise.resolve(),
  };
}

/** Without what lets others in: lines of JSON are kept in files. */
const shown = (event: LiveEvent): object => {
  if (event.type !== 'started') return event;
  const { resume_token: _resume, view_token: _view, ...rest } = event;
  return rest;
};

/**
 * One utterance a line: settled words stay where they are written, the open end behind them is dim and written anew each time.
 * Only the open end is ever erased, so that a long utterance scrolls as any text does.
 */
export function terminalView(output: Output, style: Style): LiveView {
  let written = '';
  let column = 0;
  /** Line feeds of the open end, below the settled text. */
  let below = 0;
  let hasOpen = false;
  let current: number | undefined;
  /** Partials of later utterances, until those before have their final. */
  const later = new Map<number, Extract<LiveEvent, { type: 'partial' }>>();

  // The last column stays empty: terminals differ in when they wrap there.
  const width = (): number => Math.max(10, output.columns() - 1);

  function erased(): string {
    if (!hasOpen) return '';
    const up = below > 0 ? `${ESCAPE}${String(below)}A` : '';
    const right = column > 0 ? `${ESCAPE}${String(column)}C` : '';
    hasOpen = false;
    below = 0;
    return `${up}\r${right}${CLEAR_BELOW}`;
  }

  function drawn(text: string, stable: number): string {
    const letters = Array.from(text);
    const settled = letters.slice(0, stable).join('');
    let out = erased();
    // What is settled never changes; a server that changes it all the same gets what is new behind it.
    const fresh = flow(settled.slice(written.length), column, width());
    out += fresh.text;
    column = fresh.column;
    written = settled.length > written.length ? settled : written;
    const open = letters.slice(stable).join('');
    const rest = flow(open, column, width());
    if (rest.text === '') return out;
    hasOpen = true;
    below = rest.rows;
    return out + style.dim(rest.text);
  }

  function finished(text: string): string {
    const isShown = written !== '' || text !== '';
    const out = drawn(text, Array.from(text).length);
    written = '';
    column = 0;
    return isShown ? `${out}\n` : out;
  }

  async function show(event: LiveEvent): Promise<void> {
    if (event.type === 'partial') {
      current ??= event.segment;
      if (event.segment > current) later.set(event.segment, event);
      else await output.write(drawn(event.text, event.stable));
    } else if (event.type === 'final') {
      later.delete(event.segment);
      await output.write(finished(event.text.trim()));
      current = event.segment + 1;
      const next = later.get(current);
      later.delete(current);
      if (next !== undefined) await output.write(drawn(next.text, next.stable));
    } else if (event.type === 'continued') {
      // What was open is heard again.
      later.clear();
      current = undefined;
      await output.write(written === '' ? erased() : `${erased()}\n`);
      written = '';
      column = 0;
    }
  }

  return {
    show,
    async aside(write) {
      const isInLine = written !== '';
      await output.write(`${erased()}${isInLine ? '\n' : ''}`);
      if (isInLine) column = 0;
      await write();
    },
    async close() {
      await output.write(`${erased()}${written === '' ? '' : '\n'}`);
      written = '';
      column = 0;
    },
  };
}
