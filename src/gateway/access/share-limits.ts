import type { Broker, Clock, Telemetry } from '../../core/index.ts';
import { asScriptoriumError, millis } from '../../core/index.ts';
import type { Limiter } from './limiter.ts';

/** For so long a key may use at one gateway what it has used up at another. */
const SHARE_EVERY = millis(1000);

/** Counts what keys use at all gateways of a site together; while the broker is away, each counts by itself. @returns what ends it. */
export function shareLimits(
  limiter: Limiter,
  {
    broker,
    clock,
    telemetry,
  }: { readonly broker: Pick<Broker, 'buckets'>; readonly clock: Clock; readonly telemetry: Telemetry },
): () => void {
  let forget = (): void => {};
  let isOver = false;

  async function share(): Promise<void> {
    try {
      await limiter.share((spends) => broker.buckets.spend(spends));
    } catch (error) {
      telemetry.log.debug('limits could not be shared', { code: asScriptoriumError(error, 'storage-failed').code });
    }
    if (!isOver) forget = clock.after(SHARE_EVERY, () => void share());
  }

  forget = clock.after(SHARE_EVERY, () => void share());
  return () => {
    isOver = true;
    forget();
  };
}
