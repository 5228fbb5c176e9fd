/**
 * cli: the command line. Reads arguments, hands work to the app, writes documents to stdout or files and tells the rest
 * on stderr. One file a command under `commands/`; what they touch of the world comes in as a `World`.
 */
export { runCli } from './run.ts';
