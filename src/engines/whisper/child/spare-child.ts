import type { EngineChild, StartChild } from './child-process.ts';

/** A child that was started before anybody knows what it is to load. */
export interface SpareChild {
  /** Gives the spare one to the first who asks, while it lives; starts others. */
  readonly start: StartChild;
  /** Ends it if nobody took it. */
  discard(): void;
}

/** Starts a child at once, for whoever starts one later: reading its program takes as long as reading the settings. */
export function spareChild(fork: StartChild): SpareChild {
  let spare: EngineChild | undefined = fork();
  spare.onExit(() => (spare = undefined));
  const take = (): EngineChild | undefined => {
    const taken = spare;
    spare = undefined;
    return taken;
  };
  return {
    start: () => take() ?? fork(),
    discard: () => take()?.leave(),
  };
}
