/**
 * app/server: composes a whole server in one process. An entry of its own, so that nothing of it is loaded by who only
 * transcribes a file.
 */
export { serverSettingsOf } from './server-settings.ts';
export { startServer, type RunningServer } from './start-server.ts';
export { nodeClock } from '../node-clock.ts';
