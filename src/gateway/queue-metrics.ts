import type { ClassStats } from '../core/index.ts';
import type { Context } from './context.ts';

/** Shows the queue as gauges, and uploads that are being received. */
export function queueMetrics({ broker, door, telemetry: { meter } }: Context): void {
  const byClass = (read: (stats: ClassStats) => number) => () =>
    Object.entries(broker.jobs.stats().classes).map(([name, stats]) => ({
      value: read(stats),
      labels: { class: name },
    }));
  meter.gauge(
    'scriptorium_queue_depth',
    'Jobs that wait or are worked on.',
    byClass(({ depth }) => depth),
    ['class'],
  );
  meter.gauge(
    'scriptorium_queue_limit',
    'Most jobs that the queue takes.',
    byClass(({ limit }) => limit),
    ['class'],
  );
  meter.gauge(
    'scriptorium_queue_oldest_seconds',
    'Age of the oldest job in the queue.',
    byClass(({ oldest }) => oldest / 1000),
    ['class'],
  );
  meter.gauge('scriptorium_queue_leased', 'Jobs that are worked on.', () => [{ value: broker.jobs.stats().leased }]);
  meter.gauge('scriptorium_queue_dead', 'Jobs that were given up.', () => [{ value: broker.jobs.stats().dead }]);
  meter.gauge('scriptorium_uploads', 'Uploads that are being received.', () => [{ value: door.uploads }]);
}
