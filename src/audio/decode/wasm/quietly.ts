/** Lines one call may print: a decoder that prints more is going round in circles. */
const MAX_LINES = 1_024;

/**
 * Runs a decoder without its chatter: these libraries print each error to the console, as well as handing it back.
 * Covers what happens before the call returns, which is all of their work; an endless retry is broken off.
 */
export function quietly<T>(work: () => T): T {
  const { error: print } = console;
  let lines = 0;
  console.error = () => {
    if (++lines > MAX_LINES) throw new Error('the decoder does not get past an error');
  };
  try {
    return work();
  } finally {
    console.error = print;
  }
}
