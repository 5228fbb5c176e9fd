// Writes dist/client/browser.min.js: the client for browsers as one module, for pages that are built with nothing.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const inDist = (name) => fileURLToPath(new URL(`../dist/client/${name}`, import.meta.url));

await build({
  entryPoints: [inDist('browser.js')],
  outfile: inDist('browser.min.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
});
