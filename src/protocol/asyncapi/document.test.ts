import { expect, test } from 'vitest';
import { asyncApiDocument } from './document.ts';

const DOCUMENT = asyncApiDocument('1.2.3');

test('every message of every operation is one of its channel, and every message has its operation', () => {
  const listed = Object.values(DOCUMENT.operations).flatMap(({ messages }) => messages.map(({ $ref }) => $ref));
  const there = Object.entries(DOCUMENT.channels).flatMap(([name, { messages }]) =>
    Object.keys(messages).map((key) => `#/channels/${name}/messages/${key}`),
  );
  expect(listed.toSorted()).toEqual(there.toSorted());
  expect(there.length).toBeGreaterThan(40);
});

test('every name is one that AsyncAPI allows, and nothing points outside', () => {
  for (const [name, { messages, address }] of Object.entries(DOCUMENT.channels)) {
    for (const key of [name, ...Object.keys(messages)]) expect(key).toMatch(/^[\w.-]+$/);
    expect(address).toMatch(/^\/v1\//);
  }
  const schemas = JSON.stringify(Object.values(DOCUMENT.channels).map(({ messages }) => messages));
  expect(schemas).not.toContain('$ref');
  expect(schemas).not.toContain('$schema');
});

test('what a client may leave out is not required of it, and what has a default of ours is told', () => {
  const start = DOCUMENT.channels['live']?.messages['client.start'];
  expect(start?.payload).toMatchObject({
    required: ['type'],
    additionalProperties: false,
    properties: { audio: { properties: { sample_rate: { minimum: 8000, maximum: 192_000, default: 16_000 } } } },
  });
  expect(DOCUMENT.channels['live']?.messages['server.final']?.payload['required']).toContain('no_speech_prob');
});
