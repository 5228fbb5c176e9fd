/** What a live connection needs of a WebSocket; `LiveWebSocket` has it, and so has what tests make. */
export interface LiveSocket {
  /** Bytes that were sent and have not left yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
  /** Breaks it off without a word. */
  terminate(): void;
  ping(): void;
  /** Stops, and goes on, reading from the connection. */
  pause(): void;
  resume(): void;
  on(event: 'message', heard: (data: Uint8Array, isBinary: boolean) => void): void;
  on(event: 'close' | 'pong', heard: () => void): void;
  /** A message is too large to be read, and nothing behind it is: the socket is to be closed. */
  on(event: 'oversized', heard: () => void): void;
  on(event: 'error', heard: (error: Error) => void): void;
}
