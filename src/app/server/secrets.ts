import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secretBytes } from '../../aggregator/index.ts';
import { WEBHOOK_SECRET_FILE } from '../../brokers/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import { openKeyRing, type KeyRing } from '../../gateway/index.ts';
import type { BrokerSettings, ServerSettings } from './server-settings.ts';

/** Standard Webhooks 1.0 asks for 24 to 64. */
const WEBHOOK_SECRET_BYTES = 32;
/** Nobody but the user that the server runs as. */
const PRIVATE_FILE = 0o600;

/** @throws ScriptoriumError `usage-invalid` that names the file and why it can't be used, or the line that is wrong. */
export async function readKeys({ apiKeys, apiKeysFile }: ServerSettings): Promise<KeyRing> {
  const lines = apiKeysFile === undefined ? [] : (await readText(apiKeysFile, 'API keys')).split('\n');
  return openKeyRing([...lines, ...apiKeys]);
}

/** The PEM texts of the certificate and its key. @throws ScriptoriumError `usage-invalid`. */
export async function readTls({
  tls,
}: ServerSettings): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (tls === undefined) return undefined;
  const [cert, key] = await Promise.all([readText(tls.cert, 'certificate'), readText(tls.key, 'private key')]);
  return { cert, key };
}

/** The PEM texts for a broker with TLS. @throws ScriptoriumError `usage-invalid`. */
export async function readBrokerTls({ ca, cert, key }: NonNullable<BrokerSettings['tls']>): Promise<{
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}> {
  return {
    ...(ca === undefined ? {} : { ca: await readText(ca, "the broker's authorities") }),
    ...(cert === undefined ? {} : { cert: await readText(cert, 'certificate for the broker') }),
    ...(key === undefined ? {} : { key: await readText(key, 'private key for the broker') }),
  };
}

/** The given secrets; without any, the one of the data folder, made at the first start. @throws ScriptoriumError. */
export async function readWebhookSecrets({
  webhookSecrets,
  dataFolder,
}: ServerSettings): Promise<readonly Uint8Array[]> {
  if (webhookSecrets.length > 0) return webhookSecrets.map(secretBytes);
  const path = join(dataFolder, WEBHOOK_SECRET_FILE);
  try {
    await mkdir(dataFolder, { recursive: true });
    const made = `whsec_${randomBytes(WEBHOOK_SECRET_BYTES).toString('base64')}\n`;
    await writeFile(path, made, { mode: PRIVATE_FILE, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw new ScriptoriumError('storage-unwritable', `${path} cannot be written`, { cause: error });
    }
  }
  return [secretBytes((await readText(path, 'webhook secret')).trim())];
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ScriptoriumError('usage-invalid', `${what}: ${path} cannot be read (${why})`, { cause: error });
  }
}
