import type { SpokenBefore } from '../../audio/index.ts';
import type { Broker, LiveCarry, LiveRequest, LiveStores, LiveView, Samples } from '../../core/index.ts';
import { ScriptoriumError, foldLive, millis, millisToSamples, samples } from '../../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../../core/ports/vad.ts';
import { lengthInBytes } from './gap-length.ts';

/** A session as it was when it moved here. */
export interface TakenOver {
  readonly request: LiveRequest;
  readonly view: LiveView;
  readonly carry: LiveCarry;
  /**
   * What is stored of its sound, and how many bytes of the client's stream that was: the client sends again from there. 0 where the
   * stream can't be gone on with from the middle.
   */
  readonly end: Samples;
  readonly bytes: number;
  /** Where its ear goes on: the sound from there is to be heard again. */
  readonly before: SpokenBefore;
}

/** Events read at once. */
const PAGE = 500;
/** Speech that had begun just before a crash was told to nobody yet: so much is heard again where nobody was known to speak. */
const HEARD_AGAIN = millisToSamples(millis(2000));
/** Sound that only gets the ear used to the room. */
const LEAD = millisToSamples(millis(4000));
/** A gateway keeps so much of what is over, for another that would take over. */
export const KEPT_BEHIND = samples(HEARD_AGAIN + LEAD + VAD_FRAME_SAMPLES);

/** Nobody is there any more for whom a session would be taken. */
export const leftAlready = (): ScriptoriumError => new ScriptoriumError('cancelled', 'the client has gone elsewhere');

/** The view with all events behind it. */
export async function readBehind(events: LiveStores['events'], id: string, from: LiveView): Promise<LiveView> {
  let view = from;
  for (;;) {
    const page = await events.read(id, view.seq, PAGE);
    if (page.length === 0) return view;
    view = foldLive(view, page);
  }
}

/** Tells everybody that the session has moved: from then on only whoever did that writes to it. Ended ones stay as they are. */
async function fence(
  { live }: Pick<Broker, 'live'>,
  id: string,
  from: LiveView,
  gone: AbortSignal | undefined,
): Promise<LiveView> {
  let view = from;
  for (;;) {
    view = await readBehind(live.events, id, view);
    if (view.ended) return view;
    if (gone?.aborted === true) throw leftAlready();
    const { status } = await live.events.append(id, view.seq, [{ type: 'moved' }]);
    if (status === 'ok') return readBehind(live.events, id, view);
  }
}

/**
 * Takes a session from the gateway that had it, dead or alive. What it had stored is here, and what it had told; what it only had in
 * memory the client sends again.
 *
 * @throws ScriptoriumError `session-unknown` when it is not there; `cancelled` when whoever asks is gone by then.
 */
export async function takeOver(
  { live, audio }: Pick<Broker, 'live' | 'audio'>,
  id: string,
  gone?: AbortSignal,
): Promise<TakenOver> {
  const found = await live.sessions.read(id);
  if (found === undefined) throw new ScriptoriumError('session-unknown', 'There is no such session.');
  const view = await fence({ live }, id, found.record.view, gone);
  // What the other wrote last, before it was shut out.
  const { request, carry } = (await live.sessions.read(id))?.record ?? found.record;
  const end = await audio.end(id, 0);
  const bytes = lengthInBytes(end, request.audio) ?? 0;
  return { request, view, carry, end, bytes, before: earBefore(view, end) };
}

function earBefore({ open, nextFinal, spokenTo }: LiveView, end: Samples): SpokenBefore {
  const last = open.at(-1);
  const next = Math.max(nextFinal, (last?.utterance ?? -1) + 1);
  const isSpeaking = last !== undefined && last.to === undefined;
  const from = isSpeaking ? last.from : Math.max(spokenTo, end - HEARD_AGAIN, 0);
  // Frames begin where they began before, so that the same is heard in them.
  const lead = Math.max(0, from - LEAD);
  const position = lead - (lead % VAD_FRAME_SAMPLES);
  return { position: samples(position), from: samples(from), next, isSpeaking };
}
