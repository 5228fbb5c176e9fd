// The fences between rooms, made from test/fences/rooms.json: which room may import which. `npm run check:fences` runs it.
const { rooms, pure, adapters } = require('./test/fences/rooms.json');

const names = Object.keys(rooms);
const folder = (room) => `^src/${room}/`;
const anyOf = (list) => `^src/(${list.join('|')})/`;

const perRoom = names
  .filter((room) => !rooms[room].includes('*'))
  .map((room) => ({
    name: `${room}-imports-only-${['itself', ...rooms[room]].join('-')}`,
    severity: 'error',
    from: { path: folder(room) },
    to: { path: '^src/', pathNot: anyOf([room, ...rooms[room]]) },
  }));

const siblings = adapters.map((room) => ({
  name: `${room}-never-import-siblings`,
  comment: 'Two adapters of one port share the port and nothing else.',
  severity: 'error',
  from: { path: `^src/${room}/([^/]+)/` },
  to: { path: `^src/${room}/([^/]+)/`, pathNot: `^src/${room}/$1/` },
}));

module.exports = {
  forbidden: [
    ...perRoom,
    ...siblings,
    {
      name: 'every-folder-is-a-known-room',
      comment: 'A new room is written into test/fences/rooms.json first.',
      severity: 'error',
      from: { path: '^src/', pathNot: anyOf(names) },
      to: {},
    },
    {
      name: 'rooms-are-entered-by-their-index',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', '/index\\.ts$', '^src/core/(ports|testing)/'] },
    },
    {
      name: 'pure-rooms-touch-nothing-outside',
      comment: 'No files, sockets, processes or packages in the rooms that only compute.',
      severity: 'error',
      from: { path: anyOf(pure), pathNot: '(\\.test\\.ts$|/testing/)' },
      to: { pathNot: '^src/' },
    },
    {
      name: 'browsers-have-nothing-but-the-client',
      comment: 'What a page loads is the client alone; in Node.js its sockets are those of a package, in one file.',
      severity: 'error',
      from: { path: '^src/client/', pathNot: '(\\.test\\.ts$|/testing/|/node-sockets\\.ts$)' },
      to: { pathNot: '^src/client/' },
    },
    {
      name: 'bench-and-tests-use-the-public-api',
      severity: 'error',
      from: { path: '^bench/' },
      to: { path: '^src/', pathNot: '^src/(app|core|brokers)/index\\.ts$' },
    },
    {
      name: 'sources-import-no-test-nor-bench',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.test\\.ts$|/testing/)' },
      to: { path: '(^test/|^bench/|\\.test\\.ts$|/testing/)' },
    },
    {
      name: 'sources-need-no-development-package',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.test\\.ts$|/testing/)' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    // TypeScript 7 has no programmatic parser: without swc nothing would be read, and nothing be wrong.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
