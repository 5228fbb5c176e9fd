import { json, text, type Operation, type PathItem } from './operation.ts';

const open = (operation: Omit<Operation, 'tags' | 'security'>): PathItem => ({
  get: { ...operation, tags: ['Server'], security: [] },
});

const plain = { 'text/plain': { schema: text() } };
const READY: Operation['responses'] = {
  200: { description: 'It takes work.', content: plain },
  503: { description: 'It does not; the body says why.', content: plain },
};
const verbose = [
  { name: 'verbose', in: 'query', description: 'Names every check.', schema: { type: 'string' } },
] as const;

/** For those who look after the server. */
export const SERVER_PATHS: Readonly<Record<string, PathItem>> = {
  '/livez': open({
    operationId: 'isAlive',
    summary: 'Whether the process answers',
    responses: { 200: { description: 'It does.', content: plain } },
  }),
  '/readyz': open({ operationId: 'isReady', summary: 'Whether work is taken', parameters: verbose, responses: READY }),
  '/healthz': open({ operationId: 'isHealthy', summary: 'As /readyz', parameters: verbose, responses: READY }),
  '/metrics': open({
    operationId: 'getMetrics',
    summary: 'Metrics for Prometheus',
    responses: { 200: { description: 'In its text format.', content: plain } },
  }),
  '/v1/status': {
    get: {
      operationId: 'getStatus',
      tags: ['Server'],
      summary: 'What the server does now',
      responses: {
        200: { description: 'Queue, workers, limits.', content: json({ type: 'object' }) },
        401: { description: 'The key is missing or unknown.' },
        403: { description: 'Pages of this origin may not call.' },
      },
    },
  },
  '/openapi.json': open({
    operationId: 'getOpenApi',
    summary: 'This document',
    responses: { 200: { description: 'OpenAPI 3.1.', content: json({ type: 'object' }) } },
  }),
  '/': open({
    operationId: 'goToReference',
    summary: 'Leads to /docs',
    responses: { 302: { description: 'There.', headers: { location: { description: '/docs', schema: text() } } } },
  }),
  '/docs': open({
    operationId: 'getReference',
    summary: 'This document as a page',
    responses: { 200: { description: 'HTML.', content: { 'text/html': { schema: text() } } } },
  }),
};
