import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Meter } from '../core/index.ts';

/** A meter whose metrics are in the registry: of one kind a name. */
export function prometheusMeter(registry: Registry): Meter {
  const registers = [registry];
  return {
    counter(name, help, labels = []) {
      const known = registry.getSingleMetric(name);
      const counter =
        known instanceof Counter ? known : new Counter({ name, help, labelNames: [...labels], registers });
      return { add: (value = 1, given = {}) => counter.inc({ ...given }, value) };
    },
    histogram(name, help, buckets, labels = []) {
      const known = registry.getSingleMetric(name);
      const histogram =
        known instanceof Histogram
          ? known
          : new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers });
      return { observe: (value, given = {}) => histogram.observe({ ...given }, value) };
    },
    gauge(name, help, read, labels = []) {
      registry.removeSingleMetric(name);
      const gauge = new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        collect() {
          gauge.reset();
          for (const { value, labels: given = {} } of read()) gauge.set({ ...given }, value);
        },
      });
    },
  };
}
