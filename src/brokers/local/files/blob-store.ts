import { join } from 'node:path';
import type { BlobFolder } from '../../blob-folder.ts';
import { blobFolder } from '../../blob-folder.ts';
import { namesIn, removeAll } from '../../files.ts';
import type { World } from '../world.ts';
import { heldBlobs, type HeldBlobBounds } from './held-blobs.ts';

/** Blobs of one process, small ones that need not last in memory. Removes what an earlier one left half written. */
export async function blobStore(folder: string, world: World, bounds: HeldBlobBounds): Promise<BlobFolder> {
  const blobs = await blobFolder(folder, world);
  for (const name of await namesIn(blobs.parts)) await removeAll(join(blobs.parts, name));
  return heldBlobs(blobs, world, bounds);
}
