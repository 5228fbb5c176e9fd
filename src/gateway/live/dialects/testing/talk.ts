import type { Dialect, DialectInput, DialectOutput } from '../../dialect.ts';

/** What a dialect says to these inputs, one after the other. */
export function talk<State>(dialect: Dialect<State>, inputs: readonly DialectInput[]): readonly DialectOutput[] {
  let { initial: state } = dialect;
  return inputs.flatMap((input) => {
    const step = dialect.step(state, input);
    ({ state } = step);
    return step.outputs;
  });
}

export const text = (message: object | string): DialectInput => ({
  type: 'text',
  text: typeof message === 'string' ? message : JSON.stringify(message),
});

export const opened = (query = ''): DialectInput => ({
  type: 'open',
  query: new URLSearchParams(query),
  protocols: [],
  betas: [],
});

export const messagesOf = (outputs: readonly DialectOutput[]): readonly Readonly<Record<string, unknown>>[] =>
  outputs.flatMap((output) => (output.type === 'send' ? [output.message] : []));

export const commandsOf = (outputs: readonly DialectOutput[]) =>
  outputs.flatMap((output) => (output.type === 'command' ? [output.command] : []));

export const closeOf = (outputs: readonly DialectOutput[]) => outputs.find(({ type }) => type === 'close');
