/** The least that a gateway could be: takes sockets and counts the bytes that come. `counting-server.ts PORT`. */
import { createServer } from 'node:http';
import { argv } from 'node:process';
import { WebSocketServer } from 'ws';

let bytes = 0;
const http = createServer((_request, response) => response.end(String(bytes)));
const sockets = new WebSocketServer({ server: http, handleProtocols: ([first = '']) => first });
sockets.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
  });
});
http.listen(Number(argv[2]), '127.0.0.1');
