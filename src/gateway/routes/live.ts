import type { LiveEvent, LiveLedger, LoggedEvent } from '../../core/index.ts';
import { ScriptoriumError, samplesToMillis } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { jsonAnswer, sendAnswer } from '../http/answer.ts';
import type { Route } from '../http/exchange.ts';

/** Events read at once. */
const PAGE = 500;

type Final = Extract<LiveEvent, { type: 'final' }>;

/** What was said in a live session so far, for as long as it is kept. */
export function liveRoutes(context: Context): Route[] {
  const { clock, broker, live } = context;

  async function* eventsOf(session: string): AsyncGenerator<LoggedEvent<LiveEvent>> {
    for (let after = 0; ;) {
      const page = await broker.live.events.read(session, after, PAGE);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.seq;
    }
  }

  return [
    {
      method: 'GET',
      path: '/v1/live/{id}',
      access: 'key',
      errors: 'problem',
      async handle(exchange) {
        const id = exchange.params['id'] ?? '';
        const found = isSessionId(id) ? await live.sessions.find(id) : undefined;
        if (found?.tenant !== exchange.caller.tenant) {
          throw new ScriptoriumError('session-unknown', 'There is no such session, or its time is over.');
        }
        const finals: Final[] = [];
        let ended: Extract<LiveEvent, { type: 'ended' }> | undefined;
        for await (const { event } of eventsOf(id)) {
          if (event.type === 'final' && event.text !== '') finals.push(event);
          if (event.type === 'ended') ended = event;
        }
        await sendAnswer(
          exchange,
          jsonAnswer({
            id,
            state: ended === undefined ? 'live' : 'ended',
            model: found.record.request.model,
            metadata: found.record.request.metadata,
            text: finals.map(({ text }) => text).join(' '),
            segments: finals.map(segmentOf),
            ...(ended === undefined ? {} : { reason: ended.reason, ledger: ledgerOf(ended.ledger) }),
          }),
          clock,
        );
      },
    },
  ];
}

const isSessionId = (id: string): boolean => /^live_[0-9a-z]{1,40}$/u.test(id);

const segmentOf = ({ utterance, from, to, text, words, language }: Final): object => ({
  segment: utterance,
  start_ms: Math.floor(samplesToMillis(from)),
  end_ms: Math.floor(samplesToMillis(to)),
  text,
  language,
  words: words.map((word) => ({
    w: word.text,
    start_ms: Math.floor(word.start),
    end_ms: Math.floor(word.end),
    p: Math.round(word.probability * 1000) / 1000,
  })),
});

const ledgerOf = ({ received, transcribed, silence, suppressed, dropped }: LiveLedger): object => ({
  received,
  transcribed,
  silence,
  suppressed: { no_speech: suppressed['no-speech'] },
  dropped,
});
