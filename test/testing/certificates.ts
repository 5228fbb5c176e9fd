/** Certificates of a test's own, made by OpenSSL's program: an authority, a server on this machine, and a client. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

const PROGRAM = 'openssl';
const HERE = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Whether this machine has the program: its tests are skipped by name where it has none. */
export const HAS_OPENSSL = spawnSync(PROGRAM, ['version']).status === 0;

/** Gone when the test is over. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-certificates-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const run = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync(PROGRAM, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${PROGRAM} ${args.join(' ')}: ${stderr}`);
  };
  const ca = path('ca.pem');
  run('req', '-x509', ...KEY, '-days', '2', '-subj', '/CN=authority', '-keyout', path('ca.key'), '-out', ca);
  const signed = (name: string, extension: string): readonly [cert: string, key: string] => {
    const [cert, key] = [path(`${name}.pem`), path(`${name}.key`)];
    const [request, extensions] = [path(`${name}.csr`), path(`${name}.ext`)];
    writeFileSync(extensions, extension);
    run('req', ...KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', request);
    const by = ['-CA', ca, '-CAkey', path('ca.key'), '-CAcreateserial'];
    run('x509', '-req', '-in', request, ...by, '-days', '2', '-extfile', extensions, '-out', cert);
    return [cert, key];
  };
  const [cert, key] = signed('server', HERE);
  const [clientCert, clientKey] = signed('client', 'extendedKeyUsage=clientAuth');
  return { ca, cert, key, clientCert, clientKey };
}
