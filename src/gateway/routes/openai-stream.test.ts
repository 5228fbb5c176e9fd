import { expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { form, madeGateway } from '../testing/made-gateway.ts';
import { failWith, sayAll } from '../testing/scripted-work.ts';

const PATH = '/v1/audio/transcriptions';

/** The JSON of every event of an answer. */
const eventsIn = (text: string): unknown[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('data: '))
    .map((block): unknown => JSON.parse(block.slice(6)));

test('streams deltas that only append, and the whole text at the end', async () => {
  const { url } = await madeGateway(madeBroker(sayAll(['See the', '你好', '狐狸', 'fox.'])));
  const response = await fetch(url + PATH, { method: 'POST', body: form({ stream: 'true' }) });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = eventsIn(await response.text());
  expect(events.slice(0, -1)).toEqual(
    ['See the', '你好', '狐狸', 'fox.'].map((delta) => ({ type: 'transcript.text.delta', delta })),
  );
  expect(events.at(-1)).toEqual({
    type: 'transcript.text.done',
    text: 'See the你好狐狸fox.',
    usage: { type: 'duration', seconds: 9 },
  });
});

test('a failure before the first text keeps its status', async () => {
  const { url } = await madeGateway(madeBroker(failWith('audio-damaged', 'It is cut off.')));
  const response = await fetch(url + PATH, { method: 'POST', body: form({ stream: 'true' }) });
  expect(response.status).toBe(400);
});

test('a failure after that is the last event', async () => {
  const fail = failWith('engine-crashed', 'The engine crashed.');
  const work = sayAll(['See the'], (index) => (index === 1 ? Promise.reject(new Error('stop')) : Promise.resolve()));
  const broker = madeBroker((stores, job) => work(stores, job).catch(() => fail(stores, job)));
  const { url } = await madeGateway(broker);
  const response = await fetch(url + PATH, { method: 'POST', body: form({ stream: 'true' }) });
  expect(response.status).toBe(200);
  expect(eventsIn(await response.text()).at(-1)).toMatchObject({ error: { code: 'engine_crashed' } });
});

test('keeps a silent stream alive with comments', async () => {
  let finish = (): void => {};
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const broker = madeBroker(sayAll(['Fox.'], () => held));
  const { url } = await madeGateway(broker, { settings: { hold: millis(5), beat: millis(5) } });
  const response = await fetch(url + PATH, { method: 'POST', body: form({ stream: 'true' }) });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes(': ping\n\n: ping\n\n')) finish();
  }
  expect(eventsIn(text).at(-1)).toMatchObject({ type: 'transcript.text.done', text: 'Fox.' });
});
