import { WebSocket } from 'ws';

/** What `ws` closes with, by itself, when a message is larger than it may read (RFC 6455 7.4.1). */
const TOO_BIG = 1009;

/** A WebSocket that leaves it to whoever serves it to close for a message that is too large to be read, and says so: `oversized`. */
export class LiveWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (code === TOO_BIG && this.readyState === WebSocket.OPEN) this.emit('oversized');
    else super.close(code, reason);
  }
}
