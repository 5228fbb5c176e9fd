/**
 * app/server: composes a server: gateway, worker and aggregator in one process, or one of them. An entry of its own, so that nothing of it is loaded by who only
 * transcribes a file.
 */
export { serverSettingsOf, type ServerRole } from './server-settings.ts';
export { startServer, type RunningServer } from './start-server.ts';
export { startSupervisor, type RunningSupervisor } from './start-supervisor.ts';
export type { PoolStatus } from '../../supervisor/index.ts';
export { nodeClock } from '../node-clock.ts';
