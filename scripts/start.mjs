// `npm start` runs the server; `npm start -- transcribe FILE` any other command.
import { argv } from 'node:process';

if (argv.length === 2) argv.push('serve');
await import('../dist/cli/main.js');
