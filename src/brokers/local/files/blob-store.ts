import { join } from 'node:path';
import type { BlobFolder } from '../../blob-folder.ts';
import { blobFolder } from '../../blob-folder.ts';
import { namesIn, removeAll } from '../../files.ts';
import type { World } from '../world.ts';

/** Blobs of one process. Removes what an earlier one left half written. */
export async function blobStore(folder: string, world: World): Promise<BlobFolder> {
  const blobs = await blobFolder(folder, world);
  for (const name of await namesIn(blobs.parts)) await removeAll(join(blobs.parts, name));
  return blobs;
}
