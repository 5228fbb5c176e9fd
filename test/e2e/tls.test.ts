/** A server that speaks TLS, with certificates of an authority of its own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { HAS_OPENSSL, makeCertificates } from '../testing/certificates.ts';
import { mustBeBuilt, startServer } from './testing/running-server.ts';

describe.skipIf(!HAS_OPENSSL)('with certificates', () => {
  test('answers over https and wss, to those who trust its authority', async () => {
    mustBeBuilt();
    const files = makeCertificates();
    const folder = await mkdtemp(join(tmpdir(), 'scriptorium-tls-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const server = await startServer(folder, '--tls-cert', files.cert, '--tls-key', files.key, '--engine', 'scripted');
    onTestFinished(async () => {
      server.kill('SIGKILL');
      await server.exited;
    });
    expect(server.url).toMatch(/^https:/u);
    const ca = await readFile(files.ca);
    const status = (trusted?: Buffer): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get(`${server.url}/healthz`, { ca: trusted }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).on('error', reject);
      });
    expect(await status(ca)).toBe(200);
    await expect(status()).rejects.toThrow('certificate');

    const socket = new WebSocket(`${server.url.replace('https', 'wss')}/v1/live`, 'stt.live.v1', { ca });
    const opened = await new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket.protocol));
      socket.once('error', reject);
    });
    expect(opened).toBe('stt.live.v1');
    socket.terminate();
  });
});
