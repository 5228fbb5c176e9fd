/**
 * telemetry: what the parts tell of themselves, for machines to read. Metrics in Prometheus's text format, logs as JSON lines.
 * Nothing leaves the process by itself: somebody asks for the metrics, and the log goes where it is told.
 */
export { createTelemetry } from './create-telemetry.ts';
