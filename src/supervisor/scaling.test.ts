import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SCALING, slotsNeeded, workersNeeded, type Demand } from './scaling.ts';

const RULES = { ...DEFAULT_SCALING, min: 1, max: 10 };
const CALM: Demand = {
  livePlaces: 0,
  liveSlope: 0,
  urgentJobs: 0,
  batchJobs: 0,
  jobSeconds: 1,
  workers: 1,
  cpu: undefined,
};

describe('workers needed', () => {
  test('are what live work takes and room for its spread, and the rest done in time', () => {
    expect(slotsNeeded({ ...CALM, livePlaces: 12.5, batchJobs: 360 }, RULES)).toBeCloseTo(21.57, 2);
    expect(slotsNeeded({ ...CALM, urgentJobs: 10, jobSeconds: 2 }, RULES)).toBe(4);
    expect(slotsNeeded({ ...CALM, livePlaces: 4, liveSlope: 1 / 9 }, RULES)).toBeCloseTo(9 + 2 * 3);
    expect(slotsNeeded({ ...CALM, livePlaces: 4, liveSlope: -1 }, RULES)).toBe(8);
  });

  test('are by processor time when that says more', () => {
    expect(workersNeeded({ ...CALM, workers: 3, cpu: 0.95 }, RULES)).toBe(5);
    expect(workersNeeded({ ...CALM, workers: 3, cpu: 0.2 }, RULES)).toBe(1);
    expect(workersNeeded({ ...CALM, urgentJobs: 400, workers: 3, cpu: 0.2 }, RULES)).toBe(10);
  });

  const demands = fc.record({
    livePlaces: fc.double({ min: 0, max: 1e4, noNaN: true }),
    liveSlope: fc.double({ min: -100, max: 100, noNaN: true }),
    urgentJobs: fc.nat(1e5),
    batchJobs: fc.nat(1e6),
    jobSeconds: fc.double({ min: 0, max: 1e4, noNaN: true }),
    workers: fc.nat(100),
    cpu: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: undefined }),
  });
  test('stay within their bounds, and never fall when there is more to do', () => {
    fc.assert(
      fc.property(demands, fc.nat(1e5), (demand, more) => {
        const count = workersNeeded(demand, RULES);
        expect(count).toBeGreaterThanOrEqual(RULES.min);
        expect(count).toBeLessThanOrEqual(RULES.max);
        const busier = { ...demand, urgentJobs: demand.urgentJobs + more, livePlaces: demand.livePlaces + more };
        expect(workersNeeded(busier, RULES)).toBeGreaterThanOrEqual(count);
      }),
    );
  });
});

/** Prometheus's own tool: its rules are tested where there is one. */
const HAS_PROMTOOL = spawnSync('promtool', ['--version']).status === 0;
const RULES_FILE = fileURLToPath(new URL('../../deploy/prometheus/scaling.rules.yml', import.meta.url));
/** Prometheus looks so often, in seconds; after so many looks all means are settled. */
const INTERVAL = 10;
const LOOKS = 80;

/** What Prometheus would have scraped of so much demand, and what its rules shall come to. */
function promtoolTest(demand: Demand, index: number): object {
  const { livePlaces, urgentJobs, batchJobs, jobSeconds } = demand;
  const others = 0.5; // transcriptions a second beside live speech
  const jobs = jobSeconds === 0 ? 0 : livePlaces / jobSeconds;
  const counter = (series: string, aSecond: number): object => ({
    series: `scriptorium_job_work_seconds_${series}`,
    values: `0+${String(aSecond * INTERVAL)}x${String(LOOKS)}`,
  });
  const depth = (name: string, gateway: string, jobsThere: number): object => ({
    series: `scriptorium_queue_depth{class="${name}",instance="${gateway}"}`,
    values: `${String(jobsThere)}x${String(LOOKS)}`,
  });
  return {
    name: `demand ${String(index)}`,
    interval: `${String(INTERVAL)}s`,
    input_series: [
      counter('sum{kind="live",instance="a"}', livePlaces / 2),
      counter('sum{kind="live",instance="b"}', livePlaces / 2),
      counter('count{kind="live",instance="a"}', jobs / 2),
      counter('count{kind="live",instance="b"}', jobs / 2),
      counter('sum{kind="transcribe",instance="a"}', others * jobSeconds),
      counter('count{kind="transcribe",instance="a"}', others),
      counter('sum{kind="prepare",instance="a"}', 7),
      counter('count{kind="prepare",instance="a"}', 1),
      // Each gateway tells all of the queue.
      ...['g', 'h'].flatMap((gateway) => [
        depth('final', gateway, urgentJobs),
        depth('interactive', gateway, 0),
        depth('batch', gateway, batchJobs),
      ]),
    ],
    promql_expr_test: [
      {
        expr: 'round(scriptorium:desired_slots, 0.001)',
        eval_time: `${String(LOOKS * INTERVAL)}s`,
        exp_samples: [{ labels: '{}', value: Math.round(slotsNeeded(demand, RULES) * 1000) / 1000 }],
      },
    ],
  };
}

test.skipIf(!HAS_PROMTOOL)('the rules for Prometheus come to the same numbers on the same samples', () => {
  const demands: readonly Demand[] = [
    { ...CALM, jobSeconds: 2 },
    { ...CALM, livePlaces: 12.5, batchJobs: 360, jobSeconds: 0.5 },
    { ...CALM, livePlaces: 3, urgentJobs: 40, jobSeconds: 1.5 },
    { ...CALM, livePlaces: 0.25, urgentJobs: 1, batchJobs: 50_000, jobSeconds: 8 },
    { ...CALM, livePlaces: 400, urgentJobs: 77, batchJobs: 3, jobSeconds: 0.125 },
  ];
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-rules-'));
  try {
    const path = join(folder, 'test.json');
    // JSON is YAML.
    const file = {
      rule_files: [RULES_FILE],
      evaluation_interval: `${String(INTERVAL)}s`,
      tests: demands.map(promtoolTest),
    };
    writeFileSync(path, JSON.stringify(file));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' });
    expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
