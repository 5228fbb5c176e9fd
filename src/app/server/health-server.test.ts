import { expect, onTestFinished, test } from 'vitest';
import { startHealthServer } from './health-server.ts';

test('/readyz and /healthz tell what fails, /livez only that somebody answers', async () => {
  const failing = { name: 'broker', ok: false, note: 'Redis is gone' };
  let all = [failing];
  const server = await startHealthServer(
    { host: '127.0.0.1', port: 0 },
    { checks: () => all, metrics: async () => '# metrics\n' },
  );
  onTestFinished(() => server.close());
  const said = async (path: string): Promise<unknown> => {
    const answer = await fetch(server.url + path);
    return [answer.status, await answer.text()];
  };
  const notReady = [503, '[-]broker Redis is gone\nnot ready\n'];
  expect(await Promise.all(['/readyz', '/healthz'].map(said))).toEqual([notReady, notReady]);
  expect(await said('/livez')).toEqual([200, 'ok\n']);
  all = [];
  expect(await Promise.all(['/readyz', '/healthz'].map(said))).toEqual([
    [200, 'ok\n'],
    [200, 'ok\n'],
  ]);
  expect(await said('/metrics')).toEqual([200, '# metrics\n']);
  expect((await fetch(`${server.url}/v1/status`)).status).toBe(404);
});
