import { join } from 'node:path';

/** What tells where a user's files belong. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const NAME = 'scriptorium';

/** Where pulled models are kept: XDG base directories on Unix, the platform's own places elsewhere. */
export function defaultModelsDir({ platform, home, env }: Machine): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), NAME, 'models');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', NAME, 'models');
  return join(absolute(env['XDG_DATA_HOME']) ?? join(home, '.local', 'share'), NAME, 'models');
}

/** Where a server keeps what it was given. */
export function defaultDataDir({ platform, home, env }: Machine): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), NAME, 'server');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', NAME, 'server');
  return join(absolute(env['XDG_DATA_HOME']) ?? join(home, '.local', 'share'), NAME, 'server');
}

/** Where built graphs are kept. */
export function defaultCacheDir({ platform, home, env }: Machine): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), NAME, 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', NAME);
  return join(absolute(env['XDG_CACHE_HOME']) ?? join(home, '.cache'), NAME);
}

/** The XDG specification has relative paths ignored. */
const absolute = (path: string | undefined): string | undefined => (path?.startsWith('/') === true ? path : undefined);
