import type { Clock } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import type { Client } from './connect.ts';

/** How soon a shard that did not answer, or refused a write, is asked again whether it takes one. */
const ASK_AGAIN = millis(250);
/** What is written is gone after so long. */
const KEPT_MS = 1000;

/** Resolves when the shard takes a write, or the broker is closed. */
export async function writesAgain(client: Client, shard: string, clock: Clock, isClosed: () => boolean): Promise<void> {
  for (;;) {
    await new Promise<void>((resolve) => void clock.after(ASK_AGAIN, resolve));
    if (isClosed()) return;
    try {
      await client.set(`${shard}:probe`, '', 'PX', KEPT_MS);
      return;
    } catch {
      // Not yet.
    }
  }
}
