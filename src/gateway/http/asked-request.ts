import { IncomingMessage } from 'node:http';

/**
 * A request whose `Upgrade` is heeded where it asks for a WebSocket. Others are answered as if they had none (RFC 9110 7.8): Java's client,
 * for one, asks every server for HTTP/2. A class, for that is how Node.js takes it.
 */
export class AskedRequest extends IncomingMessage {
  /** What the parser found. Not `#`: the constructor of Node.js sets it, before a class has what is its own. */
  private hasUpgrade = false;

  get upgrade(): boolean {
    return this.hasUpgrade && (this.method === 'CONNECT' || this.headers.upgrade?.toLowerCase() === 'websocket');
  }

  set upgrade(found: boolean) {
    this.hasUpgrade = found;
  }
}
