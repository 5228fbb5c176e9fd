import type { LiveEvent, LiveSession } from '../../client/index.ts';
import { millis, SAMPLE_RATE } from '../../core/index.ts';
import type { Call } from '../command.ts';
import { FAILURE, INTERRUPTED, SUCCESS, type ExitCode } from '../exit-codes.ts';
import { clientFailure } from '../live/client-failure.ts';
import { measureLatency } from '../live/latency.ts';
import { framesOf, isLive, liveSource, type LiveSource } from '../live/source.ts';
import { jsonView, plainView, terminalView, type LiveView } from '../live/text-view.ts';
import { styleFor } from '../terminal/style.ts';
import { OutputClosed } from '../world.ts';

type Ended = Extract<LiveEvent, { type: 'ended' }>;

/**
 * `scriptorium live`: what is said, as it is said. Ctrl-C ends the sound, and what was said before it is still told; that is
 * the usual end of a microphone, and an interruption of a recording.
 */
export async function live(call: Call): Promise<ExitCode> {
  const { config, given, world } = call;
  const stop = new AbortController();
  const signal = AbortSignal.any([world.interrupted, stop.signal]);
  const source = await liveSource(call, signal);
  const client = await world.connect(config.server, config.apiKey);
  const session = client.live({
    words: true,
    whenFull: isLive(source) ? 'gap' : 'wait',
    ...(given.has('model') ? { model: config.model } : {}),
    ...(given.has('language') && config.language !== 'auto' ? { language: config.language } : {}),
    ...(given.has('task') ? { task: config.task } : {}),
    ...(config.prompt === undefined ? {} : { prompt: config.prompt }),
    partials: config.json || !config.plain,
  });
  const view = viewFor(call);
  const speaker = speak(session, source, call, signal);
  const latency = measureLatency({ start: () => speaker.start(), speed: isLive(source) ? 1 : config.speed });
  let isFailed = false;
  const saw = (event: LiveEvent): void => {
    latency.saw(event, world.now());
    if (event.type === 'ended') isFailed = event.reason === 'failed' || failedSeconds(event) > 0;
  };
  const listening = listen(session, view, call, saw).catch((error: unknown) => {
    stop.abort();
    session.abort();
    throw error;
  });
  // What ended the session is told before what became of the sound then.
  const failed = (await Promise.allSettled([listening, speaker.done])).find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    if (failed.reason instanceof OutputClosed) return SUCCESS;
    await view.close().catch(() => undefined);
    throw clientFailure(failed.reason, config.server);
  }
  await view.close();
  const line = latency.line();
  if (line !== '' && !config.quiet) await world.stderr.write(`${call.style.dim(line)}\n`);
  if (world.interrupted.aborted && !isLive(source)) return INTERRUPTED;
  return isFailed ? FAILURE : SUCCESS;
}

const isPlain = ({ config, world }: Call): boolean =>
  config.plain || !world.stdout.isTerminal || world.machine.env['TERM'] === 'dumb';

function viewFor(call: Call): LiveView {
  const { config, world } = call;
  if (config.json) return jsonView(world.stdout);
  return isPlain(call)
    ? plainView(world.stdout)
    : terminalView(world.stdout, styleFor(world.stdout, world.machine.env));
}

interface Speaker {
  /** When the first sample was said. */
  start(): number | undefined;
  /** Resolves when everything was said and the last event came. */
  readonly done: Promise<void>;
}

/** Sends the sound as time passes, and ends the session behind it, also when the source breaks off. */
function speak(session: LiveSession, source: LiveSource, call: Call, signal: AbortSignal): Speaker {
  const { world, config } = call;
  let start: number | undefined;

  async function send(): Promise<void> {
    let said = 0;
    for await (const frame of framesOf(source, call, signal)) {
      const length = frame.length / 32;
      start ??= world.now() - (isLive(source) ? length : 0);
      said += length;
      if (!isLive(source) && config.speed > 0) {
        const due = start + said / config.speed;
        await world.pause(millis(Math.max(0, due - world.now())), signal);
      }
      if (signal.aborted && !isLive(source)) return;
      await session.send(frame);
    }
  }

  const done = (async () => {
    try {
      await send();
    } finally {
      await session.end();
    }
  })();
  return { start: () => start, done };
}

async function listen(
  session: LiveSession,
  view: LiveView,
  call: Call,
  saw: (event: LiveEvent) => void,
): Promise<void> {
  for await (const event of session) {
    saw(event);
    await view.show(event);
    const note = noteOf(event);
    if (note !== undefined && !call.config.json) await view.aside(() => call.note(note));
  }
}

/** What the person should know of the connection. */
function noteOf(event: LiveEvent): string | undefined {
  switch (event.type) {
    case 'reconnecting':
      return event.attempt === 1 ? `connection lost (${event.message}); trying again` : undefined;
    case 'resumed':
      return 'connected again';
    case 'continued':
      return `the server had lost the session: going on in a new one${lost(event.lost_ms)}`;
    case 'dropped':
      return `the connection is too slow: ${(event.bytes / 32_000).toFixed(1)} s of sound were dropped`;
    case 'degraded':
      return event.active ? 'the server waits for its storage; words come when it is back' : 'the server goes on';
    case 'warning':
    case 'error':
      return event.message;
    case 'ended':
      return endNote(event);
    default:
      return undefined;
  }
}

function endNote(event: Ended): string | undefined {
  const failed = failedSeconds(event);
  const parts = [
    ...(event.reason === 'done' ? [] : [`the server ended the session: ${event.reason}`]),
    ...(failed > 0 ? [`${failed.toFixed(1)} s of sound could not be transcribed`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** Of sound that the server has tried to transcribe in vain. A server may keep no ledger. */
const failedSeconds = ({ ledger }: Partial<Pick<Ended, 'ledger'>>): number =>
  (ledger?.dropped.failed ?? 0) / SAMPLE_RATE;

const lost = (ms: number): string => (ms > 0 ? `; ${(ms / 1000).toFixed(1)} s are lost` : '');
