import { connect } from 'node:net';

/** Sends bytes as they are, and resolves with all that comes back until the server closes. */
export function rawRequest(port: number, chunks: Iterable<string | Buffer>): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(received).toString('latin1')));
    for (const chunk of chunks) socket.write(chunk);
  });
}

/** A request of `POST /v1/audio/transcriptions` with this body, and these lines in its head. */
export const posted = (
  body: string,
  head: Readonly<Record<string, string>> = {},
  path = '/v1/audio/transcriptions',
): string =>
  [
    `POST ${path} HTTP/1.1`,
    ...Object.entries({
      host: '127.0.0.1',
      connection: 'close',
      'content-type': 'multipart/form-data; boundary=XX',
      'content-length': String(Buffer.byteLength(body)),
      ...head,
    }).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');

/** One part of a form with the boundary `XX`. */
export const part = (name: string, value: string, file?: string): string =>
  `--XX\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n\r\n${value}\r\n`;

export const END = '--XX--\r\n';
