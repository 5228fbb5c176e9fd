import { expect, test } from 'vitest';
import type { LiveEvent } from '../../client/index.ts';
import { styleFor } from '../terminal/style.ts';
import type { Output } from '../world.ts';
import { plainView, terminalView } from './text-view.ts';

/** A terminal of a few columns that understands what the view writes; dim letters are lower case, others upper. */
function madeTerminal(width: number) {
  const rows: string[][] = [[]];
  let row = 0;
  let column = 0;
  let isDim = false;
  const put = (letter: string): void => {
    if (column >= width) throw new Error('a line is longer than the terminal');
    const line = (rows[row] ??= []);
    while (line.length < column) line.push(' ');
    line[column++] = isDim ? letter.toLowerCase() : letter.toUpperCase();
  };
  const control = (amount: number, kind: string): void => {
    if (kind === 'A') row -= amount;
    else if (kind === 'C') column += amount;
    else if (kind === 'J') {
      rows[row]?.splice(column);
      rows.splice(row + 1);
    } else if (kind === 'm') isDim = amount === 2;
    else throw new Error(`what is ${kind}?`);
  };
  const output: Output = {
    isTerminal: true,
    columns: () => width,
    write(text) {
      // eslint-disable-next-line no-control-regex
      for (const [piece, amount, kind] of text.matchAll(/\u001B\[(\d+)([A-Z])|\u001B\[(\d+)m|[^]/gi)) {
        if (kind !== undefined) control(Number(amount), kind);
        else if (piece === '\n') {
          row++;
          column = 0;
          rows[row] ??= [];
        } else if (piece === '\r') column = 0;
        else put(piece);
      }
      return Promise.resolve();
    },
  };
  return { output, text: () => rows.map((line) => line.join('').trimEnd()).join('\n') };
}

const partial = (segment: number, text: string, stable: number): LiveEvent => ({
  type: 'partial',
  segment,
  rev: 1,
  start_ms: 0,
  end_ms: 1,
  text,
  stable,
});
const final = (segment: number, text: string): LiveEvent => ({ type: 'final', segment, text, start_ms: 0, end_ms: 1 });

test('settled words stay, open ones are dim and replaced, and a final ends the line', async () => {
  const { output, text } = madeTerminal(20);
  const view = terminalView(output, styleFor(output, {}));
  await view.show(partial(0, 'ask not', 0));
  expect(text()).toBe('ask not');
  await view.show(partial(0, 'ask not what your country can', 8));
  expect(text()).toBe('ASK NOT what your\ncountry can');
  await view.show(partial(0, 'ask not what you', 13));
  expect(text()).toBe('ASK NOT WHAT you');
  await view.show(final(0, 'ask not what you can do.'));
  expect(text()).toBe('ASK NOT WHAT YOU\nCAN DO.\n');
  await view.show(partial(1, 'next', 0));
  await view.show(final(1, ''));
  await view.show(partial(2, 'last', 0));
  await view.close();
  expect(text()).toBe('ASK NOT WHAT YOU\nCAN DO.\n');
});

test('a later utterance waits for the final of the one before', async () => {
  const { output, text } = madeTerminal(40);
  const view = terminalView(output, styleFor(output, {}));
  await view.show(partial(0, 'one two', 4));
  await view.show(partial(1, 'three', 0));
  expect(text()).toBe('ONE two');
  await view.show(final(0, 'one too.'));
  expect(text()).toBe('ONE TOO.\nthree');
});

test('what is written elsewhere on the terminal stands between lines', async () => {
  const { output, text } = madeTerminal(40);
  const view = terminalView(output, styleFor(output, {}));
  await view.show(partial(0, 'one two', 4));
  await view.aside(() => output.write('NOTE: lost\n'));
  await view.show(partial(0, 'one two three', 8));
  expect(text()).toBe('ONE\nNOTE: LOST\nTWO three');
  await view.show(final(0, 'one two three'));
  expect(text()).toBe('ONE\nNOTE: LOST\nTWO THREE\n');
});

test('what a lost session had open is heard again on a new line', async () => {
  const { output, text } = madeTerminal(40);
  const view = terminalView(output, styleFor(output, {}));
  await view.show(partial(3, 'one two', 4));
  await view.show({ type: 'continued', session_id: 'b', before: 'a', from_ms: 0, lost_ms: 0 });
  await view.show(partial(4, 'one', 0));
  expect(text()).toBe('ONE\none');
});

test('elsewhere only finals with words are printed', async () => {
  const { output, text } = madeTerminal(40);
  const view = plainView(output);
  await view.show(partial(0, 'x', 0));
  await view.show(final(0, ' hello. '));
  await view.show(final(1, ''));
  expect(text()).toBe('HELLO.\n');
});
