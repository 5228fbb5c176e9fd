import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { eventually } from '../testing/eventually.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { form, madeGateway } from '../testing/made-gateway.ts';
import { posted } from '../testing/raw-http.ts';
import { sayAll } from '../testing/scripted-work.ts';

const PATH = '/v1/audio/transcriptions';

/** A broker whose recordings are done when `finish` is called. */
function heldBroker() {
  let finish = (): void => {};
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { broker: madeBroker(sayAll(['Fox.'], () => held)), finish: () => finish() };
}

const send = (url: string, signal?: AbortSignal, file?: string, fields?: Readonly<Record<string, string>>) =>
  fetch(url + PATH, { method: 'POST', body: form(fields, file), ...(signal === undefined ? {} : { signal }) });

test('equal uploads at once share one transcription, and only the first is kept', async () => {
  const { broker, finish } = heldBroker();
  const { url } = await madeGateway(broker);
  const first = send(url);
  await eventually(() => expect(broker.events.followers()).toBe(1));
  const second = send(url);
  await eventually(() => expect(broker.events.followers()).toBe(2));
  expect(broker.put).toHaveLength(1);
  expect(broker.blobs.keys()).toEqual([`${String(broker.put[0]?.session)}/upload`]);
  finish();
  expect((await first).status).toBe(200);
  expect(await (await second).json()).toMatchObject({ text: 'Fox.' });
});

test('another file, other options and another key are other work', async () => {
  const { broker, finish } = heldBroker();
  const keys = ['the-key-of-somebody-1', 'the-key-of-somebody-2'];
  const { url } = await madeGateway(broker, { keys });
  const ask = (key: string | undefined, body: FormData) =>
    fetch(url + PATH, { method: 'POST', body, headers: { authorization: `Bearer ${String(key)}` } });
  const answers = [
    ask(keys[0], form()),
    ask(keys[0], form({}, 'other')),
    ask(keys[0], form({ prompt: 'x' })),
    ask(keys[1], form()),
  ];
  await eventually(() => expect(broker.put).toHaveLength(4));
  finish();
  for (const answer of answers) expect((await answer).status).toBe(200);
});

test('a client that goes away and comes back finds its work under way', async () => {
  const { broker, finish } = heldBroker();
  const { url } = await madeGateway(broker, { settings: { abandoned: millis(60_000) } });
  const leaving = new AbortController();
  const first = send(url, leaving.signal).catch(() => 'gone');
  await eventually(() => expect(broker.events.followers()).toBe(1));
  leaving.abort();
  expect(await first).toBe('gone');
  await eventually(() => expect(broker.events.followers()).toBe(0));
  const second = send(url);
  await eventually(() => expect(broker.events.followers()).toBe(1));
  finish();
  expect((await second).status).toBe(200);
  expect(broker.put).toHaveLength(1);
});

test('work that all its clients left is cancelled, and nothing of it stays', async () => {
  const { broker } = heldBroker();
  const { url } = await madeGateway(broker, { settings: { abandoned: millis(10) } });
  const leaving = new AbortController();
  const asked = send(url, leaving.signal).catch(() => 'gone');
  await eventually(() => expect(broker.events.followers()).toBe(1));
  leaving.abort();
  await asked;
  await eventually(() => expect(broker.forgotten).toEqual([broker.put[0]?.session]));
  expect(broker.blobs.keys()).toEqual([]);
});

test('a full queue, a stopping server and too many uploads are told before the upload is read', async () => {
  const { broker } = heldBroker();
  const gateway = await madeGateway(broker, { settings: { uploadsAtOnce: 1 } });
  const refused = async (): Promise<unknown[]> => {
    const response = await send(gateway.url, undefined, 'x'.repeat(100_000));
    return [response.status, response.headers.get('retry-after')];
  };
  broker.depth = 8;
  expect(await refused()).toEqual([503, '5']);
  broker.depth = 0;
  const slow = connect(gateway.port, '127.0.0.1');
  slow.write(posted('', { 'content-length': '100' }));
  const uploads = async (): Promise<unknown> => (await fetch(`${gateway.url}/v1/status`)).json();
  await eventually(async () => expect(await uploads()).toMatchObject({ uploads: 1 }));
  expect(await refused()).toEqual([503, '5']);
  slow.destroy();
  await eventually(async () => expect(await uploads()).toMatchObject({ uploads: 0 }));
  gateway.drain();
  expect(await refused()).toEqual([503, '5']);
});

test('closing ends the streams of those who only look on', async () => {
  const { broker } = heldBroker();
  const gateway = await madeGateway(broker);
  const created = await fetch(`${gateway.url}/v1/jobs`, { method: 'POST', body: form({ model: 'tiny.en' }) });
  const events = await fetch(`${gateway.url}${String(created.headers.get('location'))}/events`);
  await gateway.close(new AbortController().signal, millis(60_000));
  expect(await events.text()).toContain('event: started');
});

test('closing lets answers finish, and breaks them off when their time is over', async () => {
  const { broker, finish } = heldBroker();
  const gateway = await madeGateway(broker);
  const answer = send(gateway.url);
  await eventually(() => expect(broker.events.followers()).toBe(1));
  const closed = gateway.close(new AbortController().signal, millis(60_000));
  finish();
  expect((await answer).status).toBe(200);
  await closed;
  await expect(send(gateway.url)).rejects.toThrow(/fetch/);
  const other = heldBroker();
  const late = await madeGateway(other.broker);
  const broken = send(late.url).catch(() => 'broken off');
  await eventually(() => expect(other.broker.events.followers()).toBe(1));
  await late.close(AbortSignal.timeout(20), millis(20));
  expect(await broken).toBe('broken off');
  await eventually(() => expect(other.broker.forgotten).toHaveLength(1));
});

test('closing does not wait for a connection on which nothing was asked', async () => {
  const gateway = await madeGateway(heldBroker().broker);
  const silent = connect(gateway.port, '127.0.0.1');
  const broken = once(silent, 'close');
  await once(silent, 'connect');
  // Behind the silent one, so that the server has seen that too.
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  await gateway.close(new AbortController().signal, millis(60_000));
  await broken;
});
