import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { readKeys, readTls, readWebhookSecrets } from './secrets.ts';
import { serverSettingsOf, type ServerSettings } from './server-settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function settings(env: Readonly<Record<string, string>> = {}): Promise<ServerSettings> {
  const machine = { platform: 'linux', home: folder, env } as const;
  const { config } = await loadConfig({ flags: new Map(), machine, cwd: folder });
  return { ...serverSettingsOf(config, env, 'all', false), dataFolder: join(folder, 'data') };
}

test('makes a webhook secret at the first start, for its own eyes only, and finds it at the next', async () => {
  const [first] = await readWebhookSecrets(await settings());
  const path = join(folder, 'data', 'webhook-secret');
  expect(await readFile(path, 'utf8')).toMatch(/^whsec_[\w+/]{43}=\n$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readWebhookSecrets(await settings())).toEqual([first]);
});

test('takes the secrets that it is given, all of them', async () => {
  const given = [1, 2].map((fill) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`);
  const secrets = await readWebhookSecrets(await settings({ SCRIPTORIUM_WEBHOOK_SECRETS: given.join(',') }));
  expect(secrets.map((secret) => secret[0])).toEqual([1, 2]);
});

test('keys come from the file and from the variable', async () => {
  const file = join(folder, 'keys');
  await writeFile(file, '# ours\nwebsite a-long-key-of-website requests=5\n');
  const env = { SCRIPTORIUM_API_KEYS: 'archive a-long-key-of-archive', SCRIPTORIUM_API_KEYS_FILE: file };
  const keys = await readKeys(await settings(env));
  expect(keys.find('a-long-key-of-website')).toEqual({ tenant: 'website', limits: { requestsPerMinute: 5 } });
  expect(keys.find('a-long-key-of-archive')?.tenant).toBe('archive');
  expect(keys.find('a-long-key-of-nobody')).toBeUndefined();
});

test('a file that cannot be read is named, with what it is for', async () => {
  await expect(readKeys(await settings({ SCRIPTORIUM_API_KEYS_FILE: '/nowhere/keys' }))).rejects.toMatchObject({
    code: 'usage-invalid',
    message: 'API keys: /nowhere/keys cannot be read (ENOENT)',
  });
  const tls = { SCRIPTORIUM_TLS_CERT: '/nowhere/a.pem', SCRIPTORIUM_TLS_KEY: '/nowhere/b.pem' };
  await expect(readTls(await settings(tls))).rejects.toMatchObject({ code: 'usage-invalid' });
  expect(await readTls(await settings())).toBeUndefined();
});
