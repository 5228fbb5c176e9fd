import type { Clock } from '../core/index.ts';
import { millis, pause } from '../core/index.ts';
import type { Places } from './places.ts';

/** A decoder's place that is left for the time of a wait. */
export interface DecoderTurn {
  begin(): Promise<void>;
  /** Waits a while; others may decode meanwhile. Channels that wait at the same time wait together. */
  wait(): Promise<void>;
  end(): void;
}

/** How often what is waited for is looked at again. */
const LOOK_AGAIN = millis(250);

export function decoderTurn(decoders: Places, clock: Clock, signal: AbortSignal): DecoderTurn {
  let leave = (): void => {};
  let waiting: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    leave = await decoders.take(signal);
  };
  const waitOnce = async (): Promise<void> => {
    leave();
    try {
      await pause(clock, LOOK_AGAIN, signal);
      await begin();
    } finally {
      waiting = undefined;
    }
  };
  return { begin, wait: () => (waiting ??= waitOnce()), end: () => leave() };
}
