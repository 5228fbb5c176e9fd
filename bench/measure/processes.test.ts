import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { parseStat, treeUse } from './processes.ts';

const LINE =
  '812 (a (b) c) S 77 812 77 0 -1 4194560 500 9 0 0 150 50 25 5 20 0 3 0 100 1000000 256 18446744073709551615 1 1 0 0';

test('reads a line whose process name holds parentheses and spaces', () => {
  expect(parseStat(LINE)).toEqual({ pid: 812, parent: 77, cpuSeconds: 2.3, residentBytes: 256 * 4096 });
});

test('says nothing of a line that is no stat line', () => {
  expect(parseStat('')).toBeUndefined();
});

test.runIf(process.platform === 'linux')('counts the memory of children with their parent', async () => {
  const alone = treeUse(process.pid).residentBytes;
  const child = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)']);
  try {
    await once(child.stdout, 'data');
    expect(treeUse(process.pid).residentBytes).toBeGreaterThan(alone);
    expect(treeUse(child.pid ?? 0).residentBytes).toBeGreaterThan(10 * 2 ** 20);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});
