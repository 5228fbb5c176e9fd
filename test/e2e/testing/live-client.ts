/** A client of `stt.live.v1` in as few lines as it takes: what it was told, and how far its audio was taken in. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';

const Message = z.looseObject({ type: z.string(), seq: z.number().optional() });
export type Message = z.infer<typeof Message>;

const Ack = z.object({ received: z.number(), credit: z.number() });
const Started = z.object({ session_id: z.string(), resume_token: z.string(), view_token: z.string() });

/** A session over any number of sockets. */
export interface LiveClient {
  /** In order, each number once. */
  readonly events: Message[];
  /** All that is in `events` already, and more as it comes, until one is of this type. */
  until(type: string): Promise<Message>;
  readonly session: () => z.infer<typeof Started>;
  /** Sends the next bytes of `audio`, as far as `to`, when there is credit for them. */
  send(audio: Uint8Array, to: number, frame: number): Promise<void>;
  say(message: Readonly<Record<string, unknown>>): void;
  /** Breaks the socket off, and takes the session up again on another. */
  cut(): Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

export async function liveClient(
  url: string,
  start: Readonly<Record<string, unknown>> = {},
  key?: string,
): Promise<LiveClient> {
  const events: Message[] = [];
  const waiting = new Set<() => void>();
  let socket: WebSocket;
  let facts: z.infer<typeof Started> | undefined;
  let received = 0;
  let sent = 0;
  let credit = 0;
  let seen = 0;
  let finish: (end: { code: number; reason: string }) => void = () => {};
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    finish = resolve;
  });

  function hear(text: string): void {
    const message = Message.parse(JSON.parse(text));
    if (message.type === 'ack' || message.type === 'resumed') {
      received = z.object({ received: z.number() }).parse(message).received;
      if (message.type === 'ack') ({ credit } = Ack.parse(message));
      if (message.type === 'resumed') sent = received;
    } else if (message.type === 'skip') {
      const { from, to } = z.object({ from: z.number(), to: z.number() }).parse(message);
      if (from !== seen + 1) throw new Error(`skip from ${from} behind ${seen}`);
      seen = to;
    } else if (message.seq !== undefined) {
      if (message.seq !== seen + 1) throw new Error(`event ${message.seq} behind ${seen}`);
      seen = message.seq;
      events.push(message);
      if (message.type === 'started') facts = Started.parse(message);
    } else if (message.type === 'error') events.push(message);
    for (const wake of waiting) wake();
  }

  async function open(first: Readonly<Record<string, unknown>>): Promise<WebSocket> {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const opened = new WebSocket(`${url.replace('http', 'ws')}/v1/live`, 'stt.live.v1', { headers });
    opened.on('message', (data: Buffer) => hear(data.toString('utf8')));
    opened.on('error', () => {});
    opened.on('close', (code: number, reason: Buffer) => {
      if (opened !== socket) return;
      finish({ code, reason: reason.toString('utf8') });
      for (const wake of waiting) wake();
    });
    await once(opened, 'open');
    opened.send(JSON.stringify(first));
    return opened;
  }

  const change = (): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        resolve();
      };
      waiting.add(wake);
    });

  async function heard(is: () => boolean, what: string): Promise<void> {
    while (!is()) {
      if (socket.readyState >= WebSocket.CLOSING)
        throw new Error(`closed before ${what}: ${JSON.stringify(events.at(-1))}`);
      await change();
    }
  }

  socket = await open({ type: 'start', audio: { encoding: 'pcm_s16le', sample_rate: 16_000, channels: 1 }, ...start });
  await heard(() => facts !== undefined && credit > 0, 'started');
  const session = () => {
    if (facts === undefined) throw new Error('not started');
    return facts;
  };
  return {
    events,
    session,
    closed,
    async until(type) {
      const find = (): Message | undefined => events.find((event) => event.type === type);
      await heard(() => find() !== undefined, type);
      return find() ?? { type };
    },
    async send(audio, to, frame) {
      while (sent < to) {
        await heard(() => sent + frame - received <= credit, 'credit');
        const chunk = audio.subarray(sent, Math.min(to, sent + frame));
        sent += chunk.length;
        socket.send(chunk);
      }
    },
    say: (message) => socket.send(JSON.stringify(message)),
    async cut() {
      const { session_id, resume_token } = session();
      const old = socket;
      const before = seen;
      credit = 0;
      old.removeAllListeners('message');
      old.removeAllListeners('close');
      old.terminate();
      socket = await open({ type: 'resume', session_id, resume_token, last_seq: before });
      await heard(() => credit > 0, 'resumed');
    },
  };
}
