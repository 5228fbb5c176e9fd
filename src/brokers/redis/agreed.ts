/** What all processes of a site must have alike: the first writes it down, those that differ are refused at their start. */
import { randomUUID } from 'node:crypto';
import { ScriptoriumError } from '../../core/index.ts';
import type { BlobHome } from '../blob-home.ts';
import type { Link } from './link/link.ts';

/** Version of every key; another one is refused rather than guessed at. */
const formatOf = (shards: number): string => `scriptorium keys 1, ${shards} shards`;

const SHOWN = 120;
const shown = (text: string | undefined): string =>
  text === undefined ? 'nothing' : JSON.stringify(text.slice(0, SHOWN));

/** @throws ScriptoriumError `broker-refused` for keys that another version wrote, or that are spread otherwise. */
export async function agreeOnFormat(link: Link, prefix: string, label: string, shards: number): Promise<void> {
  const ours = formatOf(shards);
  const theirs = await link.agree(`${prefix}{format}`, ours);
  if (theirs === ours) return;
  throw new ScriptoriumError(
    'broker-refused',
    `Redis at ${label} holds keys of another version under ${prefix} (${shown(theirs)}); start that version or use another prefix`,
  );
}

/** Versions before wrote the whole mark of a folder behind this, and marked no bucket. */
const FOLDER = 'folder ';
const markOfBefore = (name: string | undefined): string | undefined =>
  name?.startsWith(FOLDER) === true ? name.slice(FOLDER.length) : undefined;

/**
 * Redis and the place for blobs say of each other that they belong together: what Redis has no record of is removed there, and must
 * not be another's. A place is marked once, for the site whose id stands in Redis; of processes that begin at once all find the same.
 *
 * @throws ScriptoriumError `broker-refused` for another place than the others of the site have, whose jobs would find no upload in it,
 *   and for one that another site has, or a Redis that lost its keys; `storage-*`.
 */
export async function agreeOnBlobs(
  link: Link,
  prefix: string,
  label: string,
  blobs: Pick<BlobHome, 'mark' | 'claim' | 'markedAt' | 'nameOf'>,
): Promise<void> {
  const keys = { mark: `${prefix}{mark}`, name: `${prefix}{blobs}` };
  const { markedAt } = blobs;
  const elsewhere = (what: string): ScriptoriumError =>
    new ScriptoriumError(
      'broker-refused',
      `The site at ${label} under ${prefix} keeps its uploads elsewhere (${what}); name the folder or bucket that its other processes see, ` +
        `or another --broker-prefix for a site of its own. If they were moved, delete the keys ${keys.name} and ${keys.mark}`,
    );

  const site = await link.agree(`${prefix}{site}`, randomUUID());
  // They are written after the mark, the name first, and so are read before it.
  const kept = await link.read(keys.mark);
  const name = await link.read(keys.name);
  const known = kept ?? markOfBefore(name);
  if (known === undefined && name !== undefined && name !== blobs.nameOf('')) {
    throw elsewhere(`${shown(name)}, not ${shown(blobs.nameOf(''))}`);
  }

  const mark = known === undefined ? await blobs.claim(prefix, site) : await blobs.mark();
  if (mark === undefined || (known !== undefined && mark !== known)) {
    throw elsewhere(`${markedAt} has ${shown(mark)}, not ${shown(known)}`);
  }
  const isOurs = async (): Promise<boolean> =>
    mark === known || mark.endsWith(` ${site}`) || mark === markOfBefore(await link.read(keys.name));
  if (!(await isOurs())) {
    throw new ScriptoriumError(
      'broker-refused',
      `${markedAt} says that what is there is another site's (${shown(mark)}); give the one at ${label} under ${prefix} a folder or prefix of its own. ` +
        `If it is this site's and Redis lost its keys, bring them back, or delete ${markedAt}: then uploads and transcripts that no key speaks of are removed`,
    );
  }

  const ours = blobs.nameOf(mark);
  const theirs = await link.agree(keys.name, ours);
  if (theirs !== ours) throw elsewhere(`${shown(theirs)}, not ${shown(ours)}`);
  const agreed = await link.agree(keys.mark, mark);
  if (agreed !== mark) throw elsewhere(`${markedAt} has ${shown(mark)}, not ${shown(agreed)}`);
}
