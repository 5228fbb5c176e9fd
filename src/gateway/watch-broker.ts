import type { Broker, Clock, Telemetry } from '../core/index.ts';
import { millis } from '../core/index.ts';

/** How often it is looked at. */
const LOOK_EVERY = millis(200);
/** What is over sooner is worth no word. */
const BLINK = millis(1000);

/**
 * Tells when the broker has not answered for a while, and when it does again.
 *
 * @param tell is called with `true` and `false` in turn, `true` first. @returns what ends it.
 */
export function watchBroker(
  {
    broker,
    clock,
    telemetry: { log },
  }: { readonly broker: Pick<Broker, 'failure'>; readonly clock: Clock; readonly telemetry: Telemetry },
  tell: (active: boolean) => void,
): () => void {
  let since: number | undefined;
  let isTold = false;
  let forget = (): void => {};

  function look(): void {
    forget = clock.after(LOOK_EVERY, look);
    const failure = broker.failure();
    const now = clock.now();
    if (failure !== undefined) {
      since ??= now;
      if (isTold || now - since < BLINK) return;
      isTold = true;
      log.warn('degraded: the broker does not answer', { code: failure.code, reason: failure.message });
      tell(true);
      return;
    }
    if (isTold) {
      isTold = false;
      log.warn('the broker answers again', { seconds: (now - (since ?? now)) / 1000 });
      tell(false);
    }
    since = undefined;
  }

  look();
  return () => forget();
}
