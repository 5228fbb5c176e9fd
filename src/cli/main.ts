#!/usr/bin/env node
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { homedir } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { SpareChild } from '../app/early/index.ts';
import { millis } from '../core/index.ts';
import { INTERRUPTED } from './exit-codes.ts';
import { runCli } from './index.ts';
import { nodeOutput } from './terminal/node-output.ts';
import { startProgram } from './live/program.ts';
import { removeUnfinished } from './transcribe/write-file.ts';

/** Stops the work at the first signal; at the second ends the process, files in the making removed. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) {
      removeUnfinished();
      process.exit(INTERRUPTED);
    }
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Who was started by a supervisor that is gone ends as if it were told to.
  process.once('disconnect', stop);
  return controller.signal;
}

/**
 * Sound passes through a server as megabytes outside of V8's heap, and V8, whose limit grows with the little that stays, looked through
 * all of it four times a second to free them: a quarter of the process's time.
 */
const HEAP_GROWTH = '--heap-growing-percent=200';

/** The S3 package says at each start which Node.js its later versions will want: for whoever pins it, not for whoever runs it. */
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const manifest: unknown = createRequire(import.meta.url)('../../package.json');
const version =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';

const early: { engine?: SpareChild } = {};
// Set, not called: what stdout still holds is written first.
process.exitCode = await runCli(process.argv.slice(2), {
  version,
  machine: { platform: process.platform, home: homedir(), env: process.env },
  cwd: process.cwd(),
  stdin: () => process.stdin,
  stdinIsTerminal: process.stdin.isTTY,
  stdout: nodeOutput(process.stdout),
  stderr: nodeOutput(process.stderr),
  now: () => millis(performance.now()),
  interrupted: interruption(),
  fetch,
  pause: (time, signal) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, time);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    }),
  connect: async (url, key) => {
    const { createClient } = await import('../client/index.ts');
    return createClient({ url, ...(key === undefined ? {} : { key }) });
  },
  startProgram,
  warmUp: async () => {
    const { startEarly } = await import('../app/early/index.ts');
    early.engine = startEarly();
  },
  createApp: async (config, io) => {
    // Loaded when it is needed: help and wrong options answer at once.
    const { createApp, settingsOf } = await import('../app/index.ts');
    return createApp(settingsOf(config, process.env), io, early.engine);
  },
  startServer: async (config, role, log) => {
    setFlagsFromString(HEAP_GROWTH);
    const { nodeClock, serverSettingsOf, startServer } = await import('../app/server/index.ts');
    const settings = serverSettingsOf(config, process.env, role, process.stderr.isTTY);
    return startServer(settings, { clock: nodeClock, now: () => new Date(), log, version });
  },
  startSupervisor: async (config, given, onStatus, log) => {
    const { nodeClock, startSupervisor } = await import('../app/server/index.ts');
    const parts = { clock: nodeClock, now: () => new Date(), log, version };
    const main = fileURLToPath(import.meta.url);
    return startSupervisor(config, given, { ...parts, main, env: process.env, onStatus });
  },
});
early.engine?.discard();
// The channel to a supervisor would keep the process.
if (process.connected) process.disconnect();
// A pipe that nobody closes would keep the process.
process.stdin.destroy();
