import { describe, expect, test } from 'vitest';
import type { ClassStats, JobClass } from '../core/index.ts';
import { millis } from '../core/index.ts';
import { createDemandMeter, slope, type Sample } from './demand.ts';
import { createSteadyCount } from './steady.ts';
import { readWork } from './worker-metrics.ts';

function classes(depths: Partial<Record<JobClass, number>>): Record<JobClass, ClassStats> {
  const one = (name: JobClass): ClassStats => ({ depth: depths[name] ?? 0, limit: 100, oldest: millis(0) });
  return { final: one('final'), partial: one('partial'), interactive: one('interactive'), batch: one('batch') };
}

const sample = (at: number, live: number, engine: number, jobs: number, cpu?: number, id = 1): Sample => ({
  at,
  queue: { classes: classes({ final: 1, partial: 2, interactive: 4, batch: 8 }) },
  workers: [{ id, done: { liveSeconds: live, engineSeconds: engine, engineJobs: jobs }, cpuSeconds: cpu }],
});

describe('the demand of samples', () => {
  test('is rates over the last five minutes, and what the queue holds', () => {
    const meter = createDemandMeter(2);
    meter(sample(0, 100, 200, 50, 10));
    // What came before the first look counts as done then.
    expect(meter(sample(10, 130, 260, 70, 20))).toMatchObject({
      livePlaces: 3,
      jobSeconds: 3,
      urgentJobs: 7,
      batchJobs: 8,
      workers: 1,
      cpu: 0.5,
    });
    for (let at = 20; at <= 600; at += 10) meter(sample(at, 130, 260, 70, 20));
    expect(meter(sample(610, 130, 260, 70, 20))).toMatchObject({ livePlaces: 0, jobSeconds: 1, cpu: 0 });
  });

  test('adds up what workers did that are gone by now', () => {
    const meter = createDemandMeter(1);
    meter(sample(0, 0, 0, 0));
    meter(sample(10, 50, 50, 10));
    expect(meter(sample(20, 30, 30, 10, undefined, 2)).livePlaces).toBe(4);
  });

  test('follows the trend of live work', () => {
    const meter = createDemandMeter(1);
    let slopes = 0;
    for (let at = 0; at <= 100; at += 10) slopes = meter(sample(at, at * at * 0.05, 0, 0)).liveSlope;
    expect(slopes).toBeGreaterThan(0.04);
    expect(slopes).toBeLessThan(0.06);
  });

  test('knows no processor time where nobody tells it', () => {
    const meter = createDemandMeter(1);
    meter(sample(0, 0, 0, 0));
    expect(meter(sample(10, 0, 0, 0)).cpu).toBeUndefined();
  });
});

test('the slope of a line is its own, of a point none', () => {
  expect(
    slope([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toBeCloseTo(2);
  expect(slope([[0, 1]])).toBe(0);
  expect(slope([])).toBe(0);
});

test('a count falls only when it was lower all the while', () => {
  const steady = createSteadyCount(60);
  expect([steady(0, 3), steady(10, 5), steady(20, 1), steady(60, 2), steady(71, 1), steady(121, 1)]).toEqual([
    3, 5, 5, 5, 2, 1,
  ]);
});

test('reads what a worker did from its metrics, and nothing else', () => {
  const metrics = [
    '# TYPE scriptorium_job_work_seconds histogram',
    'scriptorium_job_work_seconds_bucket{le="0.05",kind="live"} 3',
    'scriptorium_job_work_seconds_sum{kind="live"} 1.5',
    'scriptorium_job_work_seconds_count{kind="live"} 3',
    'scriptorium_job_work_seconds_sum{kind="transcribe"} 4.5',
    'scriptorium_job_work_seconds_count{kind="transcribe"} 2',
    'scriptorium_job_work_seconds_sum{kind="prepare"} 100',
    'scriptorium_job_work_seconds_count{kind="prepare"} 9',
    'scriptorium_other_sum{kind="live"} 100',
  ].join('\n');
  expect(readWork(metrics)).toEqual({ liveSeconds: 1.5, engineSeconds: 6, engineJobs: 5 });
  expect(readWork('')).toEqual({ liveSeconds: 0, engineSeconds: 0, engineJobs: 0 });
});
