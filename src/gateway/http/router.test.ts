import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Route } from './exchange.ts';
import { createRouter } from './router.ts';

const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  access: 'open',
  errors: 'problem',
  handle: async () => {},
});
const router = createRouter([
  route('GET', '/v1/jobs'),
  route('POST', '/v1/jobs'),
  route('GET', '/v1/jobs/{id}'),
  route('GET', '/v1/models/{id...}'),
]);

test('finds a route by method and path, with what stands for its names', () => {
  expect(router('POST', '/v1/jobs')).toMatchObject({ route: { method: 'POST' }, params: {} });
  expect(router('HEAD', '/v1/jobs/')).toMatchObject({ route: { method: 'GET', path: '/v1/jobs' } });
  expect(router('GET', '/v1/jobs/a%20b')).toMatchObject({ params: { id: 'a b' } });
  expect(router('GET', '/v1/models/org/small')).toMatchObject({ params: { id: 'org/small' } });
});

test('tells a wrong method from a wrong path', () => {
  expect(router('DELETE', '/v1/jobs')).toEqual({ status: 'method', allowed: ['GET', 'POST'], errors: 'problem' });
  for (const path of ['/', '', '/v1', '/v1/jobs/a/b', '/v1/jobs//', '/v1/models', '/v1/jobs/%ff', '//v1/jobs']) {
    expect([path, router('GET', path).status]).toEqual([path, 'unknown']);
  }
});

test('any path leads somewhere or nowhere', () => {
  fc.assert(
    fc.property(fc.string(), fc.webPath(), (method, path) => {
      expect(['found', 'method', 'unknown']).toContain(router(method, path).status);
    }),
  );
});
