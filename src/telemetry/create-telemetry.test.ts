import { expect, test } from 'vitest';
import { createTelemetry } from './index.ts';

const parts = { now: () => new Date(0), build: { version: '1.2.3' }, write: () => {}, level: 'silent' } as const;

test('writes a line of JSON for each message, with the facts of its logger', () => {
  const lines: string[] = [];
  const { log } = createTelemetry({ ...parts, write: (line) => lines.push(line), level: 'info' });
  log.with({ requestId: 'r1' }).warn('engine restarted', { jobId: 'j1', attempt: 2, note: undefined });
  expect(lines).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"engine restarted","requestId":"r1","jobId":"j1","attempt":2}\n',
  ]);
});

test('writes numbers to a thousandth: milliseconds of seconds, and no more digits than anybody reads', () => {
  const lines: string[] = [];
  const { log } = createTelemetry({ ...parts, write: (line) => lines.push(line), level: 'info' });
  log.info('model loaded', { seconds: 0.123456, bytes: 48_000, share: 0.1 + 0.2 });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ seconds: 0.123, bytes: 48_000, share: 0.3 });
});

test('writes whole numbers digit by digit, however large', () => {
  const lines: string[] = [];
  const { log } = createTelemetry({ ...parts, write: (line) => lines.push(line), level: 'info' });
  for (let token = 1_839_029_728_586_767; token < 1_839_029_728_587_767; token++) log.info('job leased', { token });
  expect(lines.map((line) => line.match(/"token":(.*)\}/)?.[1])).toEqual(
    lines.map((_, index) => String(1_839_029_728_586_767 + index)),
  );
});

test('leaves out what is below its level, and cuts what is endless', () => {
  const lines: string[] = [];
  const { log } = createTelemetry({ ...parts, write: (line) => lines.push(line), level: 'warn' });
  log.info('no');
  log.error('yes', { reason: 'x'.repeat(1e6) });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.length).toBeLessThan(2000);
});

test('writes counters, gauges and histograms as Prometheus reads them', async () => {
  const telemetry = createTelemetry(parts);
  const { meter } = telemetry;
  meter.counter('jobs_total', 'Jobs that ended.', ['state']).add(2, { state: 'a"b' });
  meter.counter('jobs_total', 'Jobs that ended.', ['state']).add(1, { state: 'a"b' });
  let depth = 3;
  meter.gauge('depth', 'Jobs that wait.', () => [{ value: depth, labels: { of: 'batch' } }], ['of']);
  for (const value of [0.1, 0.5, 7]) meter.histogram('wait_seconds', 'Wait.', [0.1, 1]).observe(value);
  depth = 4;
  const text = await telemetry.metrics();
  expect(text).toContain('# TYPE jobs_total counter\njobs_total{state="a\\"b"} 3\n');
  expect(text).toContain('# TYPE depth gauge\ndepth{of="batch"} 4\n');
  expect(text).toMatch(/bucket\{le="0\.1"\} 1\n.*bucket\{le="1"\} 2\n.*bucket\{le="\+Inf"\} 3\n/);
  expect(text).toContain('scriptorium_build_info{version="1.2.3"} 1\n');
  expect(text).toContain('process_resident_memory_bytes');
});

test('keeps the numbers of two servers in one process apart', async () => {
  const [one, other] = [createTelemetry(parts), createTelemetry(parts)];
  one.meter.counter('n_total', 'N.').add();
  expect(await other.metrics()).not.toContain('n_total');
});
