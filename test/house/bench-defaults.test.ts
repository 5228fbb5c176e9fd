import { expect, test } from 'vitest';
import { DEFAULTS } from '../../bench/sides/defaults.ts';
import { DEFAULT_REQUEST } from '../../src/app/index.ts';
import { requestFor } from '../../src/cli/transcribe/request.ts';
import { loadConfig } from '../../src/config/index.ts';

test('the library and the bench ask for what the command line does when it is told nothing but the language', async () => {
  const { config } = await loadConfig({
    flags: new Map(),
    machine: { platform: 'linux', home: '/nowhere', env: {} },
    cwd: '/nowhere',
  });
  expect(DEFAULT_REQUEST).toEqual(requestFor(config, []));
  expect(DEFAULTS).toEqual({ ...requestFor(config, []), language: 'en' });
});
