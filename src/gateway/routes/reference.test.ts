import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openApiDocument, type Operation } from '../../protocol/index.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { madeGateway } from '../testing/made-gateway.ts';
import { sayAll } from '../testing/scripted-work.ts';

const talks = () => madeBroker(sayAll(['Fox.']));
const DOCUMENT = openApiDocument('0.0.0');
const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]): [string, string, Operation] => [method, path, operation]),
);

test('serves the document, and a page of it that loads nothing', async () => {
  const { url } = await madeGateway(talks(), { keys: ['a-key-of-24-characters-x'] });
  expect(await (await fetch(`${url}/openapi.json`)).json()).toEqual(JSON.parse(JSON.stringify(DOCUMENT)));
  const page = await fetch(`${url}/`);
  expect(page.url).toBe(`${url}/docs`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  for (const [, path, { operationId }] of OPERATIONS) {
    expect(html).toContain(`id="${operationId}"`);
    expect(html).toContain(path);
  }
  expect(html).not.toMatch(/<script|src=|https?:\/\/(?!example\.org)/);
});

test('every schema that the document points at is there', () => {
  const names = [...JSON.stringify(DOCUMENT).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  expect(Object.keys(DOCUMENT.components.schemas)).toEqual(expect.arrayContaining([...new Set(names)]));
  expect(new Set(OPERATIONS.map(([, , { operationId }]) => operationId)).size).toBe(OPERATIONS.length);
});

const hostile = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '..',
    '%00',
    '%ff',
    'job_1',
    '-1',
    '1e9',
    '999999999999',
    'null',
    '{}',
    "' OR 1=1",
    '\u202e',
    'x'.repeat(3000),
  ),
);
const bodies = fc.oneof(
  fc.record({ type: fc.constant('application/json'), body: fc.oneof(fc.json(), fc.string()) }),
  fc.record({ type: fc.constantFrom('multipart/form-data; boundary=x', 'text/plain', ''), body: fc.string() }),
);

test.each(OPERATIONS)(
  '%s %s answers anything with a status that the document names',
  async (method, path, operation) => {
    const { url } = await madeGateway(talks());
    const named = operation.parameters ?? [];
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 6, maxLength: 6 }), bodies, async (values, { type, body }) => {
        const next = (index: number): string => encodeURIComponent(values[index % values.length] ?? '');
        const query = named.flatMap(({ name, in: place }, index) =>
          place === 'query' ? [`${name}=${next(index)}`] : [],
        );
        const headers = named.flatMap(({ name, in: place }, index) =>
          place === 'header' ? [[name, next(index)] as const] : [],
        );
        const filled = path.replace('{id}', () => next(0) || 'x');
        const response = await fetch(`${url}${filled}?${query.join('&')}`, {
          method: method.toUpperCase(),
          redirect: 'manual',
          headers: [...headers, ...(type === '' || method !== 'post' ? [] : [['content-type', type] as const])].map(
            ([name, value]): [string, string] => [name, value],
          ),
          ...(method === 'post' ? { body } : {}),
        });
        await response.text();
        // A path that was spoiled leads elsewhere: dots are resolved by the client, broken escapes fit nothing.
        const allowed = [...Object.keys(operation.responses), ...(path.includes('{id}') ? ['404', '405'] : [])];
        expect(response.status).toBeLessThan(500);
        if (!allowed.includes(String(response.status)))
          throw new Error(`${filled}: ${String(response.status)} is not named`);
      }),
      { numRuns: 12 },
    );
  },
);

test('every operation of the document is there', async () => {
  const { url } = await madeGateway(talks());
  for (const [method, path] of OPERATIONS) {
    const response = await fetch(url + path.replace('{id}', 'job_1'), { method: 'OPTIONS' });
    expect([path, response.headers.get('allow')?.split(', ')]).toEqual([
      path,
      expect.arrayContaining([method.toUpperCase()]),
    ]);
  }
});
