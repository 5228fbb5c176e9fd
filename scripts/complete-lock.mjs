// Adds to package-lock.json the packages for other platforms that an install left out because its registry has no copy
// of them. `npm ci` of npm 11 refuses a lock file without them. They are optional and only fetched on their own platform.
//
//   npm install --package-lock-only && node scripts/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SYSTEMS = new Set('aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'.split(' '));
const PROCESSORS = new Set('arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64'.split(' '));

/** `@swc/core-linux-arm64-musl` → `{ os: ['linux'], cpu: ['arm64'], libc: ['musl'] }`; undefined when it names no platform. */
function platformOf(name) {
  const parts = name.split(/[-/]/);
  const os = parts.find((part) => SYSTEMS.has(part));
  const cpu = parts.find((part) => PROCESSORS.has(part));
  if (cpu === undefined || (os === undefined && cpu !== 'wasm32')) return undefined;
  const ending = parts.at(-1) ?? '';
  const libc = ending.startsWith('musl') ? 'musl' : os === 'linux' && ending.startsWith('gnu') ? 'glibc' : undefined;
  return { ...(os && { os: [os] }), cpu: [cpu], ...(libc && { libc: [libc] }) };
}

/** @returns names added to `lock.packages`. */
function complete(lock) {
  const added = [];
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const at = `node_modules/${name}`;
      const platform = platformOf(name);
      if (at in lock.packages || platform === undefined || !/^\d/.test(version)) continue;
      const { cpu, os, libc } = platform;
      lock.packages[at] = {
        version,
        cpu,
        ...(entry.dev && { dev: true }),
        ...(libc && { libc }),
        optional: true,
        ...(os && { os }),
      };
      added.push(name);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return added;
}

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(path, 'utf8'));
const added = complete(lock);
if (added.length > 0) writeFileSync(path, JSON.stringify(lock, null, 2) + '\n');
console.log(`package-lock.json: ${added.length} platform packages added`);
