import { z } from 'zod';
import { RealtimeServerEvent } from '../../../../protocol/index.ts';
import type { DialectInput, DialectOutput } from '../../dialect.ts';
import { realtimeDialect } from '../realtime-dialect.ts';
import { madeFacts } from './made-facts.ts';
import { opened, talk, text } from './talk.ts';

/** A second of sound as OpenAI's clients send it. */
export const SECOND = text({ type: 'input_audio_buffer.append', audio: Buffer.alloc(48_000).toString('base64') });
export const COMMIT = text({ type: 'input_audio_buffer.commit', event_id: 'mine' });
export const CLEAR = text({ type: 'input_audio_buffer.clear' });

export const update = (input: object, event_id = 'u1'): DialectInput =>
  text({ type: 'session.update', event_id, session: { type: 'transcription', audio: { input } } });

export const STARTED: DialectInput = { type: 'started', facts: madeFacts() };
export const UPDATED: DialectInput = { type: 'updated', facts: madeFacts() };
export const MANUAL = [update({ turn_detection: null }), UPDATED] as const;

/** What a session says to these inputs once it is open. */
export const say = (...inputs: readonly DialectInput[]): readonly DialectOutput[] =>
  talk(realtimeDialect, [opened('intent=transcription'), STARTED, ...inputs]).slice(2);

/** The events among the outputs, each as the schema has it. */
export const eventsOf = (outputs: readonly DialectOutput[]): readonly RealtimeServerEvent[] =>
  outputs.flatMap((output) => (output.type === 'send' ? [RealtimeServerEvent.parse(output.message)] : []));

const PREFIX = /^(input_audio_buffer|conversation\.item|input_audio_transcription)\./;
const short = (type: string): string => type.replace(PREFIX, '').replace('input_audio_transcription.', '');
const Named = z.object({ item_id: z.string() });

/** Events as short lines: type, number of the item, text. */
export const linesOf = (outputs: readonly DialectOutput[]): readonly string[] =>
  eventsOf(outputs).map((event) => {
    const named = Named.safeParse('item' in event ? { item_id: event.item.id } : event);
    const item = named.success ? ` ${named.data.item_id.split('_').at(-1) ?? ''}` : '';
    const said = 'delta' in event ? ` |${event.delta}|` : 'transcript' in event ? ` |${event.transcript}|` : '';
    return `${short(event.type)}${item}${said}`;
  });
