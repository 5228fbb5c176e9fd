import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Telemetry } from '../core/index.ts';
import { jsonLog, type LogLevel } from './json-log.ts';
import { prometheusMeter } from './prometheus-meter.ts';

export interface TelemetryParts {
  /** Takes one line of the log, its line feed included. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
  readonly level: LogLevel;
  /** Labels of the metric that tells what runs. */
  readonly build: { readonly version: string };
}

export interface ServerTelemetry extends Telemetry {
  /** All metrics, those of the process among them, in Prometheus's text format. */
  metrics(): Promise<string>;
}

/** Logs and metrics of one process. */
export function createTelemetry({ write, now, level, build }: TelemetryParts): ServerTelemetry {
  const registry = new Registry();
  const meter = prometheusMeter(registry);
  meter.gauge('scriptorium_build_info', 'What runs; always 1.', () => [{ value: 1, labels: build }], ['version']);
  collectDefaultMetrics({ register: registry });
  return { log: jsonLog({ write, now, level }), meter, metrics: () => registry.metrics() };
}
