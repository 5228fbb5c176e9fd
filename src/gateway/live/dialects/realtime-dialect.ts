import type { Dialect } from '../dialect.ts';

/** Not yet spoken. */
export const realtimeDialect: Dialect<undefined> = { initial: undefined, step: (state) => ({ state, outputs: [] }) };
