import type { RunningServer, ServerRole } from '../../app/server/index.ts';
import { ScriptoriumError, secondsToMillis } from '../../core/index.ts';
import type { Call } from '../command.ts';
import { SUCCESS, type ExitCode } from '../exit-codes.ts';
import { readable } from '../terminal/log-line.ts';
import { styleFor } from '../terminal/style.ts';
import { until } from '../terminal/until.ts';

/** `scriptorium serve`, and its parts apart. */
export const serve = (call: Call): Promise<ExitCode> => run(call, 'all');
export const gateway = (call: Call): Promise<ExitCode> => run(call, 'gateway');
export const worker = (call: Call): Promise<ExitCode> => run(call, 'worker');
export const aggregator = (call: Call): Promise<ExitCode> => run(call, 'aggregator');

/** Runs until the first Ctrl-C or SIGTERM, then lets what is under way end. What it says of itself goes to stdout, the log to stderr. */
async function run(call: Call, role: ServerRole): Promise<ExitCode> {
  const { world, config } = call;
  if (role !== 'all' && config.broker === 'local') {
    throw new ScriptoriumError(
      'usage-invalid',
      `a ${role} apart needs the broker that it shares with the others: --broker redis://HOST`,
    );
  }
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new ScriptoriumError('usage-invalid', '--tls-cert and --tls-key go together');
  }
  const started = world.now();
  const server = await world.startServer(config, role, (line) => {
    // A log that nobody reads any more is no reason to stop.
    const text = world.stderr.isTerminal ? readable(line, call.style) : line;
    void world.stderr.write(text).catch(() => undefined);
  });
  try {
    await tell(call, { state: 'listening', server });
    await Promise.race([server.ready, until(world.interrupted)]);
    if (!world.interrupted.aborted) {
      await tell(call, { state: 'ready', server, seconds: (world.now() - started) / 1000 });
      await until(world.interrupted);
    }
    await tell(call, { state: 'stopping', server });
  } finally {
    await server.stop(secondsToMillis(config.drain));
  }
  return SUCCESS;
}

type News =
  | { readonly state: 'listening' | 'stopping'; readonly server: RunningServer }
  | { readonly state: 'ready'; readonly server: RunningServer; readonly seconds: number };

async function tell({ world, config }: Call, news: News): Promise<void> {
  const { url, model } = news.server;
  if (config.json) {
    const { role } = news.server;
    const seconds = news.state === 'ready' ? { seconds: news.seconds } : {};
    await world.stdout.write(`${JSON.stringify({ type: news.state, url, model, role, ...seconds })}\n`);
  } else if (!config.quiet) {
    await world.stdout.write(words(news, world.version, styleFor(world.stdout, world.machine.env), config));
  }
}

function words(news: News, version: string, style: ReturnType<typeof styleFor>, config: Call['config']): string {
  const { url, model, needsKey, sample, role } = news.server;
  if (role === 'worker' || role === 'aggregator') return apart(news, version, style);
  switch (news.state) {
    case 'listening':
      return `${style.bold(`scriptorium ${version}`)} listens on ${style.bold(url)}${role === 'all' ? `; ${model} is being loaded …` : ''}\n`;
    case 'stopping':
      return `Stopping: what is under way has ${String(config.drain)} s; what is left goes on at the next start. Once more stops at once.\n`;
    case 'ready': {
      const key = needsKey ? ' -H "Authorization: Bearer $SCRIPTORIUM_API_KEY"' : '';
      return [
        `${style.green('Ready')} after ${news.seconds.toFixed(1)} s. Try it:\n`,
        `  curl ${reachable(url)}/v1/audio/transcriptions${key} -F model=whisper-1 -F file=@${quoted(sample)}\n`,
        `Clients of OpenAI: base URL ${reachable(url)}/v1, ${needsKey ? 'one of your keys' : 'any key'}. Files are kept in ${filesOf(config)}. Ctrl-C stops.\n`,
      ].join('\n');
    }
  }
}

/** Where uploads and transcripts are: of a site, where all of it has them. */
const filesOf = ({ dataDir, blobsDir, blobs }: Call['config']): string => blobs?.split('?')[0] ?? blobsDir ?? dataDir;

/** What has no API, only its health. */
function apart(news: News, version: string, style: ReturnType<typeof styleFor>): string {
  const { url, role } = news.server;
  switch (news.state) {
    case 'listening':
      return `${style.bold(`scriptorium ${version}`)} ${role} starts; /readyz and /metrics are on ${style.bold(url)}\n`;
    case 'ready':
      return `${style.green('Ready')} after ${news.seconds.toFixed(1)} s.\n`;
    case 'stopping':
      return 'Stopping: what is under way may end; what is left goes back to the queue. Once more stops at once.\n';
  }
}

/** The address that works from this machine: one that means every network is none to ask. */
const reachable = (url: string): string => url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');

/** As a shell takes it. */
const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
