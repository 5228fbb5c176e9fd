import type { Telemetry } from '../../core/index.ts';

/** Seconds; the last are long recordings that somebody waits for. */
const DURATION_BUCKETS = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800];

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']);

/** Measures each request when it is over. */
export function requestMetrics({
  meter,
}: Telemetry): (route: string, method: string, status: number, seconds: number) => void {
  const durations = meter.histogram(
    'scriptorium_http_request_duration_seconds',
    'From the head of a request to the end of its answer.',
    DURATION_BUCKETS,
    ['route', 'method', 'status'],
  );
  return (route, method, status, seconds) =>
    durations.observe(seconds, { route, method: METHODS.has(method) ? method : 'other', status: String(status) });
}
