/**
 * A server of `stt.live.v1` for tests: speaks the protocol to the letter, and writes down whatever a client does that it may not.
 * What it hears is a function of the bytes alone, so that a session that was cut must tell what one that was not does.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { strictSession, type StrictSession } from './strict-session.ts';

export interface StrictOptions {
  readonly credit?: number;
  readonly replayMs?: number;
  readonly maxFrame?: number;
  readonly key?: string;
  /** How often the client is told how far its bytes were taken in. */
  readonly ackEvery?: number;
  /** Bytes that are taken in but not safe yet. */
  readonly unsafe?: number;
  /** Whether the first credit comes before what it is for. */
  readonly acksFirst?: boolean;
  readonly port?: number;
}

export interface StrictServer extends AsyncDisposable {
  readonly url: string;
  /** In the order of their start. */
  readonly sessions: readonly StrictSession[];
  /** First messages that began a session. */
  readonly asked: readonly object[];
  /** What clients changed, and behind which byte. */
  readonly updates: readonly { readonly at: number; readonly language: unknown }[];
  /** What clients did against the protocol. */
  readonly violations: readonly string[];
  /** `?route=` of every connection that was asked for. */
  readonly routes: readonly string[];
  /** Connections that were made. */
  connections(): number;
  /** Breaks every socket off, once so many bytes came in all; the message that reaches it is lost. */
  cutAt(bytes: readonly number[]): void;
  /** Breaks every socket off behind so many messages that were sent in all. */
  cutBehind(messages: readonly number[]): void;
  cut(): void;
  /** Closes every socket with this code. @param error goes before it. */
  close(code: number, error?: object): void;
  say(message: object): void;
  /** Loses every session that is under way. */
  forget(): void;
  /** Takes no connections, or takes them again. */
  refuse(status: number | undefined): void;
  /** Says and reads nothing more on the sockets that are open. */
  freeze(): void;
}

const Text = z.looseObject({ type: z.string() });
const Start = z.object({
  type: z.literal('start'),
  audio: z.object({ encoding: z.string(), sample_rate: z.number(), channels: z.number() }),
  continues: z.object({ session_id: z.string(), bytes: z.number() }).optional(),
});
const Resume = z.object({ session_id: z.string(), resume_token: z.string(), last_seq: z.number() });
const Watch = z.object({ session_id: z.string(), view_token: z.string(), last_seq: z.number() });
const Gap = z.object({ bytes: z.number() });
const Finalize = z.object({ id: z.string() });

export async function strictServer(options: StrictOptions = {}): Promise<StrictServer> {
  const {
    credit = 64_000,
    replayMs = 60_000,
    maxFrame = 65_536,
    key,
    ackEvery = 1,
    unsafe = 0,
    acksFirst = false,
  } = options;
  const sessions: StrictSession[] = [];
  const asked: object[] = [];
  const known = new Map<string, StrictSession>();
  const violations: string[] = [];
  const updates: { at: number; language: unknown }[] = [];
  const routes: string[] = [];
  const sockets = new Set<WebSocket>();
  let cuts: number[] = [];
  let messageCuts: number[] = [];
  let heard = 0;
  let sent = 0;
  let connections = 0;
  let refusal: number | undefined;
  let isFrozen = false;
  const server = createServer((_request, response) => response.writeHead(404).end());
  const upgrades = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('stt.live.v1') ? 'stt.live.v1' : false),
  });

  function keyOf({ headers }: IncomingMessage): string | undefined {
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
    const bySubprotocol = offered.find((one) => one.startsWith('auth.'))?.slice('auth.'.length);
    return headers.authorization?.replace('Bearer ', '') ?? bySubprotocol;
  }

  server.on('upgrade', (request, socket, head) => {
    connections++;
    routes.push(new URL(request.url ?? '', 'http://server').searchParams.get('route') ?? '');
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${String(refusal)} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (opened) => {
      if (key !== undefined && keyOf(request) !== key) {
        opened.send(
          JSON.stringify({ type: 'error', code: 'key-invalid', message: 'The key is unknown.', fatal: true }),
        );
        opened.close(4401);
      } else serve(opened);
    });
  });

  function serve(socket: WebSocket): void {
    sockets.add(socket);
    let mine: StrictSession | undefined;
    let isWatching = false;
    let untilAck = 0;
    isFrozen = false;
    const send = (message: object): void => {
      if (isFrozen || socket.readyState !== socket.OPEN) return;
      socket.send(JSON.stringify(message));
      sent++;
      if (messageCuts[0] === undefined || sent < messageCuts[0]) return;
      messageCuts.shift();
      socket.terminate();
    };
    const violate = (what: string): void => {
      violations.push(what);
      socket.close(4400, what);
    };
    const acknowledge = (session: StrictSession): void => {
      const received = session.received();
      send({ type: 'ack', received, safe: Math.max(0, received - unsafe), credit });
    };
    const close = (code: number): void => socket.close(code);

    function attach(session: StrictSession, lastSeq: number, resumed?: object): void {
      mine = session;
      if (lastSeq > session.lastSeq()) violate(`last_seq ${String(lastSeq)} is not yet`);
      if (!isWatching) session.attach(close);
      if (!isWatching && acksFirst) acknowledge(session);
      if (resumed !== undefined) send(resumed);
      session.follow(socket, lastSeq, send, close);
      if (!isWatching && !acksFirst) acknowledge(session);
    }

    function begin(text: string): void {
      const { type, ...message } = Text.parse(JSON.parse(text));
      if (type === 'start') {
        const { audio, continues } = Start.parse({ type, ...message });
        const id = `live_${String(sessions.length)}`;
        const limits = {
          max_frame_bytes: maxFrame,
          ahead_ms: 10_000,
          replay_ms: replayMs,
          idle_ms: 60_000,
          resume_ms: 60_000,
          max_session_ms: 7_200_000,
        };
        const session = strictSession({
          session_id: id,
          resume_token: `resume-${id}`,
          view_token: `view-${id}`,
          model: 'made-up',
          audio,
          limits,
          ...(continues === undefined ? {} : { continues }),
        });
        sessions.push(session);
        asked.push({ type, ...message });
        known.set(id, session);
        attach(session, 0);
      } else if (type === 'resume') {
        const { session_id: id, resume_token: token, last_seq: last } = Resume.parse(message);
        const session = known.get(id);
        if (session === undefined || token !== `resume-${id}`) close(4404);
        else {
          attach(session, last, { type: 'resumed', received: session.received(), from_seq: last + 1 });
        }
      } else if (type === 'watch') {
        isWatching = true;
        const { session_id: id, view_token: token, last_seq: last } = Watch.parse(message);
        const session = known.get(id);
        if (session === undefined || token !== `view-${id}`) close(4404);
        else {
          attach(session, last, { type: 'resumed', received: session.received(), from_seq: last + 1 });
        }
      } else violate(`${type} before start`);
    }

    function say(session: StrictSession, text: string): void {
      const { type, ...message } = Text.parse(JSON.parse(text));
      if (type === 'ping') send({ type: 'pong', id: message['id'] });
      else if (isWatching) violate(`${type} from one who watches`);
      else if (type === 'finalize') session.finalize(Finalize.parse(message).id);
      else if (type === 'update') updates.push({ at: session.received(), language: message['language'] });
      else if (type === 'gap') {
        const { bytes } = Gap.parse(message);
        if (bytes % 2 !== 0 || session.received() % 2 !== 0) violate('a gap in the middle of a sample');
        session.gap(bytes);
        acknowledge(session);
      } else if (type === 'end') session.end();
      else violate(`${type} is unknown`);
    }

    function hear(bytes: Buffer): void {
      heard += bytes.length;
      if (cuts[0] !== undefined && heard >= cuts[0]) {
        cuts.shift();
        socket.terminate();
        return;
      }
      if (mine === undefined || isWatching) {
        violate('sound before start');
        return;
      }
      if (bytes.length > maxFrame) violate('a message that is too large');
      if (mine.isEnding()) violate('sound behind the end');
      const acknowledged = untilAck + bytes.length;
      if (acknowledged > credit) violate(`${String(acknowledged)} bytes with a credit of ${String(credit)}`);
      mine.push(bytes);
      untilAck = acknowledged;
      if (untilAck < Math.min(ackEvery, credit)) return;
      untilAck = 0;
      acknowledge(mine);
    }

    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      mine?.unfollow(socket);
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (isFrozen || socket.readyState !== socket.OPEN) return;
      try {
        if (isBinary) hear(data);
        else if (mine === undefined) begin(data.toString('utf8'));
        else say(mine, data.toString('utf8'));
      } catch (error) {
        violate(error instanceof Error ? error.message : String(error));
      }
    });
  }

  await new Promise<void>((resolve) => void server.listen(options.port ?? 0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    sessions,
    asked,
    updates,
    violations,
    routes,
    connections: () => connections,
    cutAt(bytes) {
      cuts = bytes.toSorted((a, b) => a - b);
    },
    cutBehind(messages) {
      messageCuts = messages.toSorted((a, b) => a - b);
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    close(code, error) {
      for (const socket of sockets) {
        if (error !== undefined) socket.send(JSON.stringify(error));
        socket.close(code);
      }
    },
    say(message) {
      for (const socket of sockets) socket.send(JSON.stringify(message));
    },
    forget: () => known.clear(),
    refuse(status) {
      refusal = status;
    },
    freeze() {
      isFrozen = true;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate();
      upgrades.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
