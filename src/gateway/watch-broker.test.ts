import { expect, test } from 'vitest';
import { ScriptoriumError } from '../core/index.ts';
import { handClock } from '../core/testing/hand-clock.ts';
import { madeTelemetry } from './testing/made-gateway.ts';
import { watchBroker } from './watch-broker.ts';

test('tells of a broker that is away for a second, and when it is back; not of a blink', async () => {
  const clock = handClock();
  const lines: string[] = [];
  const telemetry = madeTelemetry(lines);
  let failure: ScriptoriumError | undefined;
  const told: boolean[] = [];
  const stop = watchBroker({ broker: { failure: () => failure }, clock, telemetry }, (active) => told.push(active));
  const away = new ScriptoriumError('broker-unreachable', 'it is away');

  failure = away;
  await clock.pass(900);
  failure = undefined;
  await clock.pass(5000);
  expect(told).toEqual([]);

  failure = away;
  await clock.pass(1300);
  expect(told).toEqual([true]);
  await clock.pass(20_000);
  failure = undefined;
  await clock.pass(200);
  expect(told).toEqual([true, false]);
  expect(lines).toEqual([
    expect.stringContaining('"code":"broker-unreachable"'),
    expect.stringContaining('the broker answers again'),
  ]);

  stop();
  failure = away;
  await clock.pass(5000);
  expect(told).toEqual([true, false]);
  expect(clock.timers()).toBe(0);
});
