import { expect, test } from 'vitest';
import { readable } from './log-line.ts';
import { styleFor } from './style.ts';

const plain = styleFor({ isTerminal: false }, {});

test('a line of the log becomes one that a person reads', () => {
  const line =
    '{"time":"2026-11-23T00:26:12.123Z","level":"warn","message":"job failed","jobId":"job_1","attempt":2}\n';
  expect(readable(line, plain)).toBe('00:26:12 warn job failed jobId=job_1 attempt=2\n');
});

test('colours tell how bad it is', () => {
  const coloured = styleFor({ isTerminal: true }, {});
  const line = (level: string): string => readable(`{"time":"x","level":"${level}","message":"m"}`, coloured);
  expect(line('error')).toContain(coloured.red('error'));
  expect(line('warn')).toContain(coloured.yellow('warn'));
  expect(line('info')).toContain(coloured.dim('info'));
});
