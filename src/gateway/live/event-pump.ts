import type { LiveEvent, LoggedEvent } from '../../core/index.ts';
import type { LiveHub } from './live-hub.ts';

/** Events read at once. */
const PAGE = 64;

/**
 * Hands on every event behind number `after`, in order, until `ended` or the signal; a reader that is slow is behind, and costs
 * nothing. Of an utterance's partials it has missed, a reader is given only the newest, and none once there is a final.
 *
 * @param give resolves when the reader takes more.
 */
export async function pumpEvents(
  hub: Pick<LiveHub, 'read' | 'listen'>,
  after: number,
  signal: AbortSignal,
  give: (logged: LoggedEvent<LiveEvent>) => Promise<void>,
): Promise<void> {
  let seen = after;
  let isNew = false;
  let wake = (): void => {};
  const ring = (): void => {
    isNew = true;
    wake();
  };
  const leave = hub.listen(ring);
  signal.addEventListener('abort', ring, { once: true });
  try {
    while (!signal.aborted) {
      isNew = false;
      const page = await hub.read(seen, PAGE);
      for (const logged of withoutStale(page)) {
        if (signal.aborted) return;
        await give(logged);
        if (logged.event.type === 'ended') return;
      }
      seen = page.at(-1)?.seq ?? seen;
      if (page.length > 0 || isNew) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    leave();
    signal.removeEventListener('abort', ring);
  }
}

/** The page without partials that a later event of the same page takes the place of. */
export function withoutStale(page: readonly LoggedEvent<LiveEvent>[]): readonly LoggedEvent<LiveEvent>[] {
  return page.filter(({ event }, index) => {
    if (event.type !== 'partial') return true;
    const { utterance } = event;
    return !page
      .slice(index + 1)
      .some(
        ({ event: later }) => (later.type === 'partial' || later.type === 'final') && later.utterance === utterance,
      );
  });
}
