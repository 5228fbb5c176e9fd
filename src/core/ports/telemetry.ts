/** The telemetry port: what a part tells of itself. Log lines and metrics; never speech, never a credential. */

/** What belongs to a log line or a metric's series. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;
/** Of a bounded number of values each: no id, no name that a client chose. */
export type Labels = Readonly<Record<string, string>>;

/** A fixed message and facts beside it. */
export interface Logger {
  debug(message: string, facts?: Facts): void;
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
  /** A logger whose lines all carry these facts too, such as the id of a request or job. */
  with(facts: Facts): Logger;
}

export interface Counter {
  /** Adds a number that isn't negative; 1 unless told. */
  add(value?: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** One number of a gauge, as it is now. */
export interface GaugeReading {
  readonly value: number;
  readonly labels?: Labels;
}

/**
 * Makes metrics. Names are Prometheus's and end in their unit (`_seconds`, `_bytes`, `_total` for counters); asking twice for
 * one name gives the same metric. `labels` names all that will be used: others are refused where they are used.
 */
export interface Meter {
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  /** @param buckets upper bounds, ascending; the one without a bound is added. */
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Histogram;
  /** @param read asked each time somebody looks; must be quick. */
  gauge(name: string, help: string, read: () => readonly GaugeReading[], labels?: readonly string[]): void;
}

export interface Telemetry {
  readonly log: Logger;
  readonly meter: Meter;
}
