/** What all processes of a site must have alike: the first writes it down, those that differ are refused at their start. */
import { ScriptoriumError } from '../../core/index.ts';
import type { BlobHome } from '../blob-home.ts';
import type { Link } from './link/link.ts';

/** Version of every key; another one is refused rather than guessed at. */
const formatOf = (shards: number): string => `scriptorium keys 1, ${shards} shards`;

const SHOWN = 60;

/** @throws ScriptoriumError `broker-refused` for keys that another version wrote, or that are spread otherwise. */
export async function agreeOnFormat(link: Link, prefix: string, label: string, shards: number): Promise<void> {
  const ours = formatOf(shards);
  const theirs = await link.agree(`${prefix}{format}`, ours);
  if (theirs === ours) return;
  throw new ScriptoriumError(
    'broker-refused',
    `Redis at ${label} holds keys of another version under ${prefix} (${JSON.stringify(theirs.slice(0, SHOWN))}); start that version or use another prefix`,
  );
}

/** @throws ScriptoriumError `broker-refused` for another place than the others of the site have: their jobs would find no upload in it. */
export async function agreeOnBlobs(
  link: Link,
  prefix: string,
  label: string,
  blobs: Pick<BlobHome, 'mark'>,
): Promise<void> {
  const key = `${prefix}{blobs}`;
  const ours = await blobs.mark(prefix);
  const theirs = await link.agree(key, ours);
  if (theirs === ours) return;
  throw new ScriptoriumError(
    'broker-refused',
    `The site at ${label} under ${prefix} keeps its uploads elsewhere (${theirs.slice(0, SHOWN)}, not ${ours.slice(0, SHOWN)}); ` +
      `name the folder or bucket that its other processes see, or another --broker-prefix for a site of its own. If they were moved, delete the key ${key}`,
  );
}
