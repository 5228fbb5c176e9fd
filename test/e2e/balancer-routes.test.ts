/** Where the balancers that `deploy/` configures send a session's sockets: a ring of routes with a bound. */
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { hasBalancer, startBalancer, type BalancerKind } from './testing/balancers.ts';

const KINDS: readonly BalancerKind[] = ['nginx', 'haproxy'];
const ROUTES = Array.from({ length: 60 }, (_, index) => `session-${index * 7919}`);
/** Sockets of one route at once; the bound of a gateway is half of them in nginx, a quarter above half in HAProxy. */
const HELD = 24;
/** A balancer looks again at a gateway that was gone after two seconds. */
const BACK_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** Stands for a gateway: says its name at once, and goes on answering where it is asked to. */
async function startGateway(name: string, port = 0) {
  const server = createServer((request, response) => {
    response.setHeader('x-gateway', name);
    if (request.url?.startsWith('/hold') === true) response.write('…');
    else response.end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function ask(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, resolve).once('error', reject);
  });
}

async function nameAt(url: string): Promise<string> {
  const response = await ask(url);
  response.resume();
  return String(response.headers['x-gateway'] ?? response.statusCode);
}

/** Which gateway each route comes to. */
async function routesAt(url: string): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const route of ROUTES) names.set(route, await nameAt(`${url}/v1/live?route=${route}`));
  return names;
}

/** Sockets that stay, so that a bound on shares is one of many and not of the one that is just asking. */
async function hold(url: string, count: number): Promise<IncomingMessage[]> {
  const held: IncomingMessage[] = [];
  for (let i = 0; i < count; i++) held.push(await ask(url));
  // What comes of them when a gateway goes is nobody's concern.
  for (const response of held) response.on('error', () => {});
  return held;
}

const timesOf = (names: Iterable<string>, wanted: string): number =>
  [...names].filter((name) => name === wanted).length;

describe.each(KINDS)('%s', (kind) => {
  test.skipIf(!hasBalancer(kind))(
    'sends a route to its gateway, to another while that is gone, and back when it is there again',
    async () => {
      await using one = await startGateway('one');
      await using two = await startGateway('two');
      await using balancer = await startBalancer(kind, [one.url, two.url]);
      const held = await hold(`${balancer.url}/hold`, HELD);
      const before = await routesAt(balancer.url);
      expect(await routesAt(balancer.url)).toEqual(before);
      for (const name of ['one', 'two']) expect(timesOf(before.values(), name)).toBeGreaterThan(ROUTES.length / 6);

      await one[Symbol.asyncDispose]();
      const begun = performance.now();
      // A balancer may pass the first refusal on while it notices.
      for (;;) {
        const names = await routesAt(balancer.url);
        if (timesOf(names.values(), 'two') === ROUTES.length) break;
        expect(performance.now() - begun).toBeLessThan(BACK_LIMIT_MS);
      }

      await using again = await startGateway('one', one.port);
      const returned = performance.now();
      const [own = ''] = [...before].find(([, name]) => name === 'one') ?? [];
      while ((await nameAt(`${balancer.url}/v1/live?route=${own}`)) !== 'one') {
        expect(performance.now() - returned).toBeLessThan(BACK_LIMIT_MS);
        await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
      }
      held.push(...(await hold(`${balancer.url}/hold?route=${own}`, HELD / 2)));
      expect(await routesAt(balancer.url)).toEqual(before);
      expect(again.port).toBe(one.port);
      for (const response of held) response.destroy();
    },
  );

  test.skipIf(!hasBalancer(kind))('sends what is too much for the gateway of a route to the next', async () => {
    await using one = await startGateway('one');
    await using two = await startGateway('two');
    await using balancer = await startBalancer(kind, [one.url, two.url], { connections: HELD / 2 });
    const held = await hold(`${balancer.url}/hold?route=busy`, HELD);
    const most = Math.max(...['one', 'two'].map((name) => timesOf(namesOf(held), name)));
    expect(timesOf(namesOf(held), 'one') + timesOf(namesOf(held), 'two')).toBe(HELD);
    expect(most).toBeGreaterThanOrEqual(HELD / 2);
    expect(most).toBeLessThanOrEqual(Math.ceil((HELD / 2) * 1.25));
    for (const response of held) response.destroy();
  });
});

const namesOf = (responses: readonly IncomingMessage[]): string[] =>
  responses.map(({ headers }) => String(headers['x-gateway']));
