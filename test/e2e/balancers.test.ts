/** A site behind the balancers that `deploy/` configures: no stickiness, no session lost with a gateway. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient, type LiveEvent } from '../../src/client/index.ts';
import { HAS_REDIS } from '../testing/redis-server.ts';
import { hasBalancer, startBalancer, type BalancerKind } from './testing/balancers.ts';
import { JFK, mustBeBuilt } from './testing/running-server.ts';
import { startSite, type Member, type Site } from './testing/site.ts';

const WAV_HEAD = 44;
const BYTES_A_SECOND = 32_000;
const FRAME = 3200;
const KINDS: readonly BalancerKind[] = ['nginx', 'haproxy'];

describe.skipIf(!HAS_REDIS)('a site behind a balancer', () => {
  let site: Site;
  let speech: Uint8Array;

  beforeAll(async () => {
    mustBeBuilt();
    speech = Buffer.concat([(await readFile(JFK)).subarray(WAV_HEAD), new Uint8Array(2 * BYTES_A_SECOND)]);
    site = await startSite('--engine', 'scripted');
    await Promise.all([site.start('worker'), site.start('aggregator')]);
  });
  afterAll(async () => site[Symbol.asyncDispose]());

  async function speak(url: string, onHalf: () => Promise<void> = async () => {}) {
    const session = createClient({ url }).live();
    const events: LiveEvent[] = [];
    const listening = (async () => {
      for await (const event of session) events.push(event);
    })();
    let isHalf = false;
    for (let at = 0; at < speech.length; at += FRAME) {
      if (!isHalf && at > speech.length / 2) {
        isHalf = true;
        await onHalf();
      }
      await session.send(speech.subarray(at, at + FRAME));
    }
    const [ended] = await Promise.all([session.end(), listening]);
    return { ended, events, finals: events.flatMap((event) => (event.type === 'final' ? [event.text] : [])) };
  }

  for (const kind of KINDS) {
    test.skipIf(!hasBalancer(kind))(
      `${kind} passes files and live sessions on, and a session goes on at the other gateway when one is killed or stopped`,
      async () => {
        const gateways: Member[] = [await site.start('gateway'), await site.start('gateway')];
        await using balancer = await startBalancer(
          kind,
          gateways.map(({ url }) => url),
        );
        const client = createClient({ url: balancer.url });
        const made = await client.jobs.create(new File([await openAsBlob(JFK)], 'jfk.wav'), {});
        expect(await client.jobs.wait(made.id)).toMatchObject({ status: 'succeeded' });
        const unbroken = await speak(balancer.url);
        expect(unbroken.finals.length).toBeGreaterThan(1);
        const moved = await speak(balancer.url, async () => {
          const [first] = gateways;
          first?.signal(kind === 'nginx' ? 'SIGKILL' : 'SIGTERM');
          await first?.exited;
        });
        expect(moved.finals).toEqual(unbroken.finals);
        expect(moved.ended).toMatchObject({ reason: 'done', ledger: { received: speech.length / 2 } });
        gateways[1]?.signal('SIGKILL');
        await gateways[1]?.exited;
      },
    );
  }
});
