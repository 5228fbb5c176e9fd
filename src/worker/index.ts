/**
 * worker: leases jobs and does them. `prepare` decodes a file, finds its speech and puts a job for every segment;
 * `transcribe` hands one segment to an engine. What came of it is committed together with the lease, or the job is given back.
 */
export { startWorker } from './start-worker.ts';
export type { EngineSource, EngineUse } from './engine-source.ts';
