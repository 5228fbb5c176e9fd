import { expect, test } from 'vitest';
import { Problem } from '../../protocol/index.ts';
import { madeBroker, type MadeBroker } from '../testing/made-broker.ts';
import { form, madeGateway } from '../testing/made-gateway.ts';

const idle = (): MadeBroker => madeBroker(async () => {});

const PRIVATE = [
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::1]/',
  'http://169.254.169.254/latest/meta-data',
];
const WITH_PASSWORD = 'https://user:secret@example.org/hook';

const asForm = (hook: string): RequestInit => ({ body: form({ model: 'tiny.en', 'webhook[url]': hook }) });
/** Nothing is fetched from where nobody may: the webhook is looked at before. */
const asJson = (hook: string): RequestInit => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ input: { url: 'http://10.0.0.1/a.wav' }, webhook: { url: hook } }),
});

test.each([...PRIVATE, WITH_PASSWORD])('a webhook to %s is refused when the job is made', async (hook) => {
  const broker = idle();
  const { url } = await madeGateway(broker);
  for (const request of [asForm(hook), asJson(hook)]) {
    const response = await fetch(`${url}/v1/jobs`, { method: 'POST', ...request });
    expect(response.status).toBe(400);
    const { code, detail, errors } = Problem.parse(await response.json());
    expect([code, errors?.[0]?.pointer]).toEqual(['url-refused', '/webhook/url']);
    expect(detail).not.toContain('secret');
  }
  expect([broker.put, broker.blobs.keys()]).toEqual([[], []]);
});

test('private addresses are taken where the server allows them; passwords never', async () => {
  const { url } = await madeGateway(idle(), { settings: { privateUrls: true } });
  const status = async (hook: string): Promise<number> =>
    (await fetch(`${url}/v1/jobs`, { method: 'POST', ...asForm(hook) })).status;
  expect(await status('http://127.0.0.1/')).toBe(202);
  expect(await status(WITH_PASSWORD)).toBe(400);
  const open = await madeGateway(idle());
  const made = await fetch(`${open.url}/v1/jobs`, { method: 'POST', ...asForm('https://example.org/hook') });
  expect(made.status).toBe(202);
});
