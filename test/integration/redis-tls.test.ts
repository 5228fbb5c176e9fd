/** Redis behind TLS, which asks its clients for a certificate. */
import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { millis } from '../../src/core/index.ts';
import { jobOf } from '../contracts/made-jobs.ts';
import { HAS_OPENSSL, makeCertificates } from '../testing/certificates.ts';
import { HAS_REDIS, freePort, startRedis } from '../testing/redis-server.ts';
import { openSite } from './testing/redis-site.ts';

describe.skipIf(!HAS_REDIS || !HAS_OPENSSL)('on a real Redis with TLS', () => {
  test('is trusted by its authority, and told who asks; without either it is not opened', async () => {
    const files = makeCertificates();
    const port = await freePort();
    const server = await startRedis([
      '--tls-port',
      String(port),
      '--tls-cert-file',
      files.cert,
      '--tls-key-file',
      files.key,
      '--tls-ca-cert-file',
      files.ca,
      '--tls-auth-clients',
      'yes',
      '--requirepass',
      'secret',
    ]);
    onTestFinished(() => server.stop());
    const url = `rediss://:secret@localhost:${port}`;
    const [ca, cert, key] = await Promise.all(
      [files.ca, files.clientCert, files.clientKey].map((path) => readFile(path, 'utf8')),
    );

    const broker = await openSite({ url, tls: { ca: ca ?? '', cert: cert ?? '', key: key ?? '' } });
    await broker.jobs.put(jobOf('a'));
    expect(await broker.jobs.claim({ worker: 'worker', wait: millis(0) })).toMatchObject({ id: 'a' });
    const plain = new Redis(server.url, { password: 'secret' });
    expect(await plain.client('LIST')).toContain('name=scriptorium');
    plain.disconnect();

    await expect(openSite({ url, tls: { cert: cert ?? '', key: key ?? '' } })).rejects.toMatchObject({
      code: 'broker-unreachable',
    });
    await expect(openSite({ url, tls: { ca: ca ?? '' } })).rejects.toMatchObject({ code: 'broker-unreachable' });
  }, 20_000);
});
