/**
 * supervisor: as many workers on one machine as there is work for. What is needed follows from a formula (`scaling`) that Prometheus can
 * reckon too; what is done about it, from a table of states (`pool`). It starts no process and reads no clock by itself.
 */
export { DEFAULT_SCALING } from './scaling.ts';
export { supervise, type PoolStatus, type WorkerProcess } from './supervise.ts';
export { readWork } from './worker-metrics.ts';
