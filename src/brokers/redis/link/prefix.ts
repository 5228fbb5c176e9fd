import { ScriptoriumError } from '../../../core/index.ts';

const PREFIX = /^[A-Za-z0-9:._-]{1,64}$/;

/** @returns what keys begin with. @throws ScriptoriumError `broker-refused` for what would be no prefix of one. */
export function checkedPrefix(prefix: string): string {
  if (PREFIX.test(prefix)) return prefix;
  throw new ScriptoriumError(
    'broker-refused',
    `${JSON.stringify(prefix)} is no prefix of keys; use up to 64 letters, digits, and any of : . _ -`,
  );
}
