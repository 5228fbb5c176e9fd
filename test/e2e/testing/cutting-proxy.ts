/** A network that breaks: passes connections on, and breaks all of them off when so many bytes went through. */
import { connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy extends AsyncDisposable {
  readonly url: string;
  /** Where it breaks, in bytes of both directions since now; ascending. */
  cutAt(bytes: readonly number[]): void;
  readonly cuts: () => number;
}

/** @param target the server's address. */
export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let places: number[] = [];
  let passed = 0;
  let cuts = 0;

  const pass = (from: Socket, to: Socket): void => {
    from.on('data', (bytes: Buffer) => {
      passed += bytes.length;
      const place = places[0];
      if (place === undefined || passed < place) {
        to.write(bytes);
        return;
      }
      places.shift();
      cuts++;
      // Some of it still arrives, as in a network that breaks in the middle of a packet.
      to.write(bytes.subarray(0, Math.max(0, bytes.length - (passed - place))), () => {
        for (const socket of sockets) socket.destroy();
      });
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((incoming) => {
    const outgoing = connect(Number(port), hostname);
    for (const socket of [incoming, outgoing]) sockets.add(socket);
    pass(incoming, outgoing);
    pass(outgoing, incoming);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`,
    cutAt(bytes) {
      places = [...bytes];
      passed = 0;
    },
    cuts: () => cuts,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
