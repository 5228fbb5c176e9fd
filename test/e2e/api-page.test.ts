/** The commands of docs/api.md, against the built server. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { mustBeBuilt, startServer } from './testing/running-server.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

test('every command of the page works as pasted, in order, and says what the page says', async () => {
  mustBeBuilt();
  const page = await readFile(join(project, 'docs/api.md'), 'utf8');
  const blocks = [...page.matchAll(/<!-- says: (.*) -->\n\n```sh\n([^]*?)```/g)];
  expect(blocks).toHaveLength([...page.matchAll(/^```sh$/gm)].length);
  expect(blocks.length).toBeGreaterThan(5);
  const folder = await mkdtemp(join(tmpdir(), 'scriptorium-api-'));
  const server = await startServer(folder, '--cache-dir', join(folder, 'cache'));
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.exited;
    await rm(folder, { recursive: true, force: true });
  });
  for (const [, says = '', script = ''] of blocks) {
    const here = script.replaceAll('http://127.0.0.1:8080', server.url);
    const { stdout } = await promisify(execFile)('bash', ['-euc', here], { cwd: project });
    expect(stdout).toContain(says);
  }
});
