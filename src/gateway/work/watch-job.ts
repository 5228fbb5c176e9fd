import { SAMPLE_RATE } from '../../core/index.ts';
import type { Admission } from '../access/limiter.ts';
import type { Context } from '../context.ts';

/** Holds a job's place among those of its key until it ends, and counts its audio. */
export function watchJob(
  { broker, closing }: Pick<Context, 'broker' | 'closing'>,
  id: string,
  admission: Admission,
): void {
  if (!admission.isMetered) {
    admission.release();
    return;
  }
  const follow = async (): Promise<void> => {
    for await (const { event } of broker.events.follow(id, 0, closing)) {
      if (event.type === 'succeeded') admission.charge(event.ledger.received / SAMPLE_RATE);
      if (event.type === 'succeeded' || event.type === 'failed' || event.type === 'cancelled') break;
    }
  };
  follow()
    .catch(() => {})
    .finally(() => admission.release());
}
