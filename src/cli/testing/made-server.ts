/** A server for tests of the command line: is ready at once, or never, and remembers how it was stopped. */
import type { RunningServer, ServerRole } from '../../app/server/index.ts';
import type { Config } from '../../config/index.ts';

export interface MadeServer {
  start(config: Config, role: ServerRole): RunningServer;
  /** The drain times that it was stopped with, in milliseconds. */
  readonly stops: readonly number[];
}

/** @param ready when it is ready; never unless told. */
export function madeServer(ready: Promise<void> = new Promise(() => {}), needsKey = false): MadeServer {
  const stops: number[] = [];
  return {
    stops,
    start: ({ host, port }, role) => ({
      role,
      url: `http://${host}:${String(port)}`,
      model: 'tiny.en',
      needsKey,
      sample: '/package/examples/it is.wav',
      ready,
      stop(drain) {
        stops.push(drain);
        return Promise.resolve();
      },
    }),
  };
}
