/**
 * brokers: what carries jobs, results, audio and events between the parts. `local` is for one process, in memory and on
 * the disk, `redis` for several, whose blobs are in a folder or in `s3`; each adapter keeps the promises of `core/ports`, which `test/contracts` checks.
 */
export { WEBHOOK_SECRET_FILE } from './files.ts';
export { openLocalBroker } from './local/local-broker.ts';
export { freeBytesOf, spaceCheck, type FreeBytes } from './local/store/data-folder.ts';
export { loggedWork } from './logged-work.ts';
export { openRedisBroker } from './redis/redis-broker.ts';
export { s3Blobs } from './s3/s3-blobs.ts';
