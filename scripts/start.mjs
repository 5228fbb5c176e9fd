// `npm start` runs the server, `npm start -- --port 9000` too; `npm start -- transcribe FILE` is any other command.
import { argv } from 'node:process';

const aboutTheCommand = ['-h', '--help', '--version'];
const first = argv[2];
if (first === undefined || (first.startsWith('-') && !aboutTheCommand.includes(first))) argv.splice(2, 0, 'serve');
await import('../dist/cli/main.js');
