import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import type { WebSocketClass } from './platform.ts';

/** Compressed, as a server sends it to a page. */
const MOST_BYTES = 12 * 1024;

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
  });
  return outputFiles[0]?.text ?? '';
}

test('the client for browsers needs nothing else, and is at most 12 KB compressed', async () => {
  const text = await bundle('./browser.ts');
  expect(text).toContain('createClient');
  expect(text).not.toMatch(/\bimport\b|\brequire\(/);
  expect(gzipSync(text).length).toBeLessThanOrEqual(MOST_BYTES);
});

test('a bundle for browsers cannot be made of what is for Node.js only', async () => {
  await expect(bundle('./testing/strict-server.ts')).rejects.toThrow('Could not resolve');
});

test('the WebSocket of ws is one that can be given', () => {
  const given: WebSocketClass = WebSocket;
  expect(given).toBe(WebSocket);
});
