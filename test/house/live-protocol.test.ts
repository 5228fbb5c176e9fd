import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { LIVE_CLIENT_MESSAGES, readLiveClientMessage } from '../../src/protocol/live/client-messages.ts';
import { LIVE_CONTROLS, LIVE_EVENTS } from '../../src/protocol/live/server-messages.ts';
import { REALTIME_CLIENT_EVENTS, readRealtimeEvent } from '../../src/protocol/realtime/client-events.ts';
import { clientSections, closeTable, controlSections, eventSections } from './live-tables.ts';

/** A page with the spaces and rules of its tables as short as they can be. */
const plain = (text: string): string =>
  text
    .replaceAll(/ {2,}/g, ' ')
    .replaceAll(/-{3,}/g, '---')
    .replaceAll(/\n{2,}/g, '\n\n');
const text = readFileSync(new URL('../../docs/live-protocol.md', import.meta.url), 'utf8');

const Message = z.looseObject({ type: z.string() });

/** Every JSON value in the page: a block is one, or one a line. */
const EXAMPLES = [...text.matchAll(/^```json\n(.*?)^```/gms)]
  .flatMap(([, block = '']) => (block.startsWith('{\n') ? [block] : block.trim().split('\n')))
  .map((one): [string, string] => [Message.parse(JSON.parse(one)).type, one]);

const SERVER: Readonly<Record<string, z.ZodType>> = { ...LIVE_EVENTS, ...LIVE_CONTROLS };

/** Throws when it is nothing that either side may say. */
function check(type: string, example: string): void {
  const value: unknown = JSON.parse(example);
  if (Object.hasOwn(REALTIME_CLIENT_EVENTS, type)) readRealtimeEvent(example).event();
  else if (type === 'ack' && Object.hasOwn(z.record(z.string(), z.unknown()).parse(value), 'received'))
    LIVE_CONTROLS.ack.parse(value);
  else if (Object.hasOwn(LIVE_CLIENT_MESSAGES, type)) readLiveClientMessage(example);
  else (SERVER[type] ?? z.never()).parse(value);
}

test.each([
  ['every message of a client', clientSections],
  ['every event', eventSections],
  ['every control message', controlSections],
  ['every close code', () => [closeTable()]],
])('docs/live-protocol.md has %s, as it is', (_title, sections) => {
  const page = plain(text);
  for (const section of sections()) expect(page).toContain(plain(section));
});

test.each(EXAMPLES)('the example of %s is one that is taken: %s', (type, example) => {
  expect(() => check(type, example)).not.toThrow();
});

test('there is an example of every message that a client must send, and of what it must read', () => {
  const shown = new Set(EXAMPLES.map(([type]) => type));
  const needed = [
    'start',
    'resume',
    'watch',
    'gap',
    'finalize',
    'ping',
    'end',
    'started',
    'partial',
    'final',
    'finalized',
  ];
  expect([...shown]).toEqual(
    expect.arrayContaining([...needed, 'ended', 'ack', 'resumed', 'skip', 'error', 'draining']),
  );
});
