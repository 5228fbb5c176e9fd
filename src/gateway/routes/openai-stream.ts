import type { TranscriptionEvent } from '../../core/index.ts';
import { openAiError, usageOf, type StreamEvent } from '../../protocol/index.ts';
import type { Context } from '../context.ts';
import { openEventStream, type EventStream } from '../http/event-stream.ts';
import type { Exchange } from '../http/exchange.ts';
import { tellable } from '../http/failure.ts';
import { followToEnd } from '../work/follow.ts';
import { saidText } from '../work/said-text.ts';
import { onlyOne } from '../work/transcript-answer.ts';

/**
 * Answers `stream=true`: a delta as each segment's text is settled, then the whole text. Deltas only append. The answer begins
 * with the first text, or after the hold: what fails before that still gets the status that it should have.
 */
export async function streamTranscript(
  { broker, clock, settings }: Pick<Context, 'broker' | 'clock' | 'settings'>,
  exchange: Exchange,
  id: string,
  onEvent: (event: TranscriptionEvent) => void,
): Promise<void> {
  const said = saidText();
  let opened: EventStream | undefined;
  const open = (): EventStream => {
    forget();
    return (opened ??= openEventStream(exchange, { clock, beat: settings.beat }));
  };
  const forget = clock.after(settings.hold, () => void open());
  const send = (data: StreamEvent): Promise<void> => open().send({ data });
  const listen = async (event: TranscriptionEvent): Promise<void> => {
    onEvent(event);
    const delta = said.add(event);
    if (delta !== '') await send({ type: 'transcript.text.delta', delta });
  };
  try {
    const { text, duration } = onlyOne(await followToEnd(broker, id, exchange.gone, { onEvent: listen }));
    const rest = text.startsWith(said.text) ? text.slice(said.text.length) : '';
    if (rest !== '') await send({ type: 'transcript.text.delta', delta: rest });
    await send({ type: 'transcript.text.done', text: said.text + rest, usage: usageOf(duration) });
    open().end();
  } catch (error) {
    if (opened === undefined || exchange.gone.aborted) throw error;
    await opened.send({ data: openAiError(tellable(error)).body });
    opened.end();
  } finally {
    forget();
  }
}
