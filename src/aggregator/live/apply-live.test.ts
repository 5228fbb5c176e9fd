import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LiveEvent, LiveRecord, LoggedEvent } from '../../core/index.ts';
import { millis } from '../../core/index.ts';
import { EMPTY, ends, finalOf, starts } from '../testing/made-live.ts';
import { applyLive, type LiveBroker } from './apply-live.ts';

/** The stores of one session, each call of which takes its turn when `schedule` says so. */
function madeStores(schedule: <T>(what: () => T) => Promise<T>) {
  const log: LoggedEvent<LiveEvent>[] = [];
  let version = 1;
  let record: LiveRecord = EMPTY;
  const append = (after: number, events: readonly LiveEvent[]) => {
    if (after !== log.length) return { status: 'conflict', last: log.length } as const;
    for (const event of events) log.push({ seq: log.length + 1, at: millis(0), event });
    return { status: 'ok', last: log.length } as const;
  };
  const sessions: LiveBroker['live']['sessions'] = {
    read: (id) => schedule(() => ({ id, version, tenant: 'all', record })),
    save: (_id, before, next) =>
      schedule(() => {
        if (before !== version) return 'conflict';
        version++;
        record = next;
        return 'ok';
      }),
  };
  const events: LiveBroker['live']['events'] = {
    read: (_id, after, limit) => schedule(() => log.slice(after, after + limit)),
    append: (_id, after, added) => schedule(() => append(after, added)),
  };
  return { log, append, live: { sessions, events } };
}

test('finals are told in order and each once, however those who tell them come between each other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat(2), { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      async (scheduler, whose, dice) => {
        const stores = madeStores((what) => scheduler.schedule(Promise.resolve()).then(what));
        stores.append(
          0,
          whose.flatMap((_, utterance) => [starts(utterance), ends(utterance)]),
        );
        // Outcomes of the same final twice, as when a process that had taken one dies.
        const hands = [0, 1, 2].map((hand) =>
          whose.flatMap((one, utterance) => (one === hand || dice.next().value % 4 === 0 ? [utterance] : [])),
        );
        const all = Promise.all(
          hands.map(async (utterances) => {
            for (const one of utterances) await applyLive(stores, 'live_1', [finalOf(one, `text ${one}`)]);
          }),
        );
        await scheduler.waitFor(all);
        const finals = stores.log.flatMap(({ event }) => (event.type === 'final' ? [event.text] : []));
        expect(finals).toEqual(whose.map((_, utterance) => `text ${utterance}`));
      },
    ),
  );
});
