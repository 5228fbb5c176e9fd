import { expect, test } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { DEFAULT_DECODE_OPTIONS } from '../../core/index.ts';
import { serverSettingsOf, type ServerSettings } from './server-settings.ts';

async function settings(env: Readonly<Record<string, string>> = {}, isWatched = false): Promise<ServerSettings> {
  const { config } = await loadConfig({
    flags: new Map(),
    machine: { platform: 'linux', home: '/nowhere', env },
    cwd: '/nowhere',
  });
  return serverSettingsOf(config, env, 'all', isWatched);
}

test('on defaults a server decodes as the command line does, for this machine only', async () => {
  const made = await settings();
  expect(made.decode).toEqual(DEFAULT_DECODE_OPTIONS);
  expect(made).toMatchObject({ host: '127.0.0.1', port: 8080, allowOpen: false, allowPrivateUrls: false, limits: {} });
  expect(made.dataFolder).toBe('/nowhere/.local/share/scriptorium/server');
});

test('settings reach the server in its own units', async () => {
  const made = await settings({
    SCRIPTORIUM_MAX_UPLOAD: '1.5',
    SCRIPTORIUM_RETENTION: '0.5',
    SCRIPTORIUM_UNLOAD_AFTER: '2',
    SCRIPTORIUM_MODEL_MEMORY: '3',
    SCRIPTORIUM_ENGINE_MEMORY: '1.5',
    SCRIPTORIUM_MAX_AUDIO: '3600',
    SCRIPTORIUM_BEAM_SIZE: '2',
  });
  expect(made.uploadBytes).toBe(1_572_864);
  expect(made.retention).toBe(1_800_000);
  expect(made.unloadAfter).toBe(120_000);
  expect(made.modelBytes).toBe(3 * 2 ** 30);
  expect(made.engineBytes).toBe(1.5 * 2 ** 30);
  expect(made.limits).toEqual({ audioSecondsPerHour: 3600 });
  expect(made.decode.beamSize).toBe(2);
});

test('a person at the terminal sees what needs one, a machine everything that happens', async () => {
  expect((await settings({}, true)).logLevel).toBe('warn');
  expect((await settings({}, false)).logLevel).toBe('info');
  expect((await settings({ SCRIPTORIUM_QUIET: 'true' })).logLevel).toBe('warn');
  expect((await settings({ SCRIPTORIUM_VERBOSE: 'true' }, true)).logLevel).toBe('debug');
});

test('blobs are in a folder or in a store, whose keys come from the environment; not in both, nor in one that nobody shares', async () => {
  const shared = { SCRIPTORIUM_BROKER: 'redis://10.0.0.5' };
  const url = 's3://speech/site';
  const env = { ...shared, SCRIPTORIUM_BLOBS: url, AWS_ACCESS_KEY_ID: 'key' };
  expect((await settings(env)).broker?.blobs).toEqual({ url, env });
  const folder = await settings({ ...shared, SCRIPTORIUM_BLOBS_DIR: '/mnt/blobs' });
  expect(folder.broker?.blobs).toEqual({ folder: '/mnt/blobs' });
  await expect(settings({ ...env, SCRIPTORIUM_BLOBS_DIR: '/mnt/blobs' })).rejects.toThrow(
    'leave out --blobs-dir or --blobs',
  );
});

test('what is for a shared broker is refused without one: it would do nothing', async () => {
  for (const [name, value] of [
    ['BLOBS', 's3://speech/site'],
    ['BLOBS_DIR', '/mnt/blobs'],
    ['BROKER_PREFIX', 'site-two:'],
    ['BROKER_AUDIO', 'redis://10.0.0.6'],
    ['BROKER_CA', '/etc/ca.pem'],
  ] as const) {
    const flag = `--${name.toLowerCase().replace('_', '-')}`;
    await expect(settings({ [`SCRIPTORIUM_${name}`]: value })).rejects.toThrow(
      `${flag} can do nothing without a broker that others reach: --broker redis://HOST`,
    );
  }
});

test('certificates go to a broker with TLS, and to no other', async () => {
  const env = { SCRIPTORIUM_BROKER: 'rediss+sentinel://10.0.0.5/main', SCRIPTORIUM_BROKER_CA: '/etc/ca.pem' };
  expect((await settings(env)).broker).toMatchObject({ url: env.SCRIPTORIUM_BROKER, tls: { ca: '/etc/ca.pem' } });
  const plain = { ...env, SCRIPTORIUM_BROKER: 'redis://10.0.0.5' };
  await expect(settings(plain)).rejects.toThrow('write rediss://');
  const audio = { ...plain, SCRIPTORIUM_BROKER_AUDIO: 'rediss://10.0.0.6' };
  expect((await settings(audio)).broker?.tls).toEqual({ ca: '/etc/ca.pem' });
  await expect(settings({ ...env, SCRIPTORIUM_BROKER_CERT: '/etc/cert.pem' })).rejects.toThrow('belong together');
});
