import type { OptionName } from './options.ts';

/** What a broker within the process has no use for: whoever names it means to share. */
export const SHARED_BROKER: readonly OptionName[] = [
  'brokerAudio',
  'brokerPrefix',
  'brokerCa',
  'brokerCert',
  'brokerKey',
  'blobsDir',
  'blobs',
];
