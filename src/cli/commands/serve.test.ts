import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { madeServer } from '../testing/made-server.ts';
import { madeWorld } from '../testing/made-world.ts';

/** A server that is ready at once, and somebody who stops it on reading that. */
async function ran(line: string, { needsKey = false } = {}) {
  const server = madeServer(Promise.resolve(), needsKey);
  await using world = await madeWorld({ server, interruptAt: line.includes('--json') ? '"ready"' : 'Ready' });
  return { ...(await world.run(line)), stops: server.stops };
}

test('says where it listens, a line that can be pasted, and stops in order when it is interrupted', async () => {
  const { code, stdout, stderr, stops } = await ran('serve --drain 3');
  expect([code, stderr, stops]).toEqual([0, '', [3000]]);
  expect(stdout).toMatch(
    /^scriptorium 1\.2\.3 listens on http:\/\/127\.0\.0\.1:8080; tiny\.en is being loaded …\nReady after/,
  );
  expect(stdout).toContain(
    "\n  curl http://127.0.0.1:8080/v1/audio/transcriptions -F model=whisper-1 -F file=@'/package/examples/it is.wav'\n",
  );
  expect(stdout).toMatch(/Stopping: .* 3 s/);
});

test('shows how a key is given where one is needed, and an address that this machine can reach', async () => {
  const { stdout } = await ran('serve --host 0.0.0.0 --port 9000', { needsKey: true });
  expect(stdout).toContain('listens on http://0.0.0.0:9000;');
  expect(stdout).toContain(
    'curl http://127.0.0.1:9000/v1/audio/transcriptions -H "Authorization: Bearer $SCRIPTORIUM_API_KEY" -F model=whisper-1 -F file=@',
  );
});

test('says where files are kept: in the data folder, or where all of a site have them', async () => {
  const kept = async (line: string): Promise<string | undefined> =>
    /Files are kept in (.*)\. Ctrl-C/.exec((await ran(line)).stdout)?.[1];
  expect(await kept('serve --data-dir /srv/data')).toBe('/srv/data');
  expect(await kept('gateway --broker redis://10.0.0.5 --blobs-dir /mnt/blobs')).toBe('/mnt/blobs');
  expect(await kept('gateway --broker redis://10.0.0.5 --blobs s3://speech/site?region=eu')).toBe('s3://speech/site');
});

test('--json says the same as JSON, a line each', async () => {
  const { stdout } = await ran('serve --json');
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { type: 'listening', url: 'http://127.0.0.1:8080', model: 'tiny.en' },
    { type: 'ready' },
    { type: 'stopping' },
  ]);
});

test('a model that cannot be loaded ends it with the exit code for that', async () => {
  const failed = Promise.reject(new ScriptoriumError('model-invalid', 'tiny.en is damaged'));
  failed.catch(() => undefined);
  const server = madeServer(failed);
  await using world = await madeWorld({ server });
  const { code, stderr } = await world.run('serve');
  expect([code, server.stops]).toEqual([6, [25_000]]);
  expect(stderr).toContain('error: tiny.en is damaged');
});

test('a certificate without its key is wrong use, and so is a secret in a wrong place; no secret is repeated', async () => {
  await using world = await madeWorld({ env: { SCRIPTORIUM_API_KEYS: 'x'.repeat(501) } });
  const { code, stderr } = await world.run('serve');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: SCRIPTORIUM_API_KEYS must not be longer than 500 characters\n/);
  expect(stderr).not.toContain('xxx');
  await using other = await madeWorld();
  const alone = await other.run('serve --tls-cert a.pem');
  expect(alone.code).toBe(2);
  expect(alone.stderr).toContain('--tls-cert and --tls-key go together');
});
