import { expect, test } from 'vitest';
import { madeBroker } from '../testing/made-broker.ts';
import { madeGateway } from '../testing/made-gateway.ts';

const idle = () => madeBroker(async () => {});
const KEY = 'a-key-of-24-characters-x';

test('is alive and ready while all is well, and needs no key to say so', async () => {
  const { url } = await madeGateway(idle(), { keys: [KEY] });
  for (const path of ['/livez', '/readyz', '/healthz']) {
    const response = await fetch(url + path);
    expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
  }
  expect(await (await fetch(`${url}/readyz?verbose`)).text()).toBe('[+]engine ok\n[+]draining ok\nok\n');
  expect(await (await fetch(`${url}/metrics`)).text()).toBe('# metrics\n');
  expect((await fetch(`${url}/v1/status`)).status).toBe(401);
});

test('is not ready, and says why, while a model loads or it stops', async () => {
  let isLoaded = false;
  const checks = () => [{ name: 'engine', ok: isLoaded, ...(isLoaded ? {} : { note: 'loading tiny.en' }) }];
  const gateway = await madeGateway(idle(), { parts: { checks } });
  const { url } = gateway;
  const ready = async (): Promise<unknown[]> => {
    const response = await fetch(`${url}/readyz`);
    return [response.status, await response.text()];
  };
  expect(await ready()).toEqual([503, '[-]engine loading tiny.en\nnot ready\n']);
  isLoaded = true;
  expect(await ready()).toEqual([200, 'ok\n']);
  gateway.drain();
  expect(await ready()).toEqual([503, '[-]draining stopping\nnot ready\n']);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

test('is ready with a full queue, which its status tells: whoever speaks needs no place in it', async () => {
  const broker = idle();
  const { url } = await madeGateway(broker);
  const full = async (): Promise<unknown> => (await fetch(`${url}/v1/status`)).json();
  expect(await full()).toMatchObject({ queue: { full: [] } });
  broker.depth = 8;
  expect(await full()).toMatchObject({ ready: true, queue: { full: ['interactive', 'batch'] } });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('shows what it does', async () => {
  const { url } = await madeGateway(idle());
  expect(await (await fetch(`${url}/v1/status`)).json()).toMatchObject({
    version: '0.0.0',
    ready: true,
    workers: 1,
    uploads: 0,
    queue: { classes: { interactive: { depth: 0, limit: 10, oldest_seconds: 2 } } },
  });
});
