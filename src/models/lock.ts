/** One owner at a time for a model's files: a lock file with the owner's process id and host. */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { pid } from 'node:process';
import { ScriptoriumError } from '../core/index.ts';
import { makeModelsFolder, writing } from './models-folder.ts';

/** A lock whose owner is gone is taken over; more than this in a row means that others keep winning it. */
const MAX_TAKEOVERS = 3;

let serial = 0;

/** Does the work while holding the lock. @throws what `takeLock` throws, without doing the work. */
export async function withLock<T>(path: string, name: string, work: () => Promise<T>): Promise<T> {
  const giveBack = await takeLock(path, name);
  try {
    return await work();
  } finally {
    await giveBack();
  }
}

/**
 * Takes the lock or fails at once; what it resolves with gives it back. A lock left by a process of this host that no longer runs
 * is taken over.
 *
 * @throws ScriptoriumError `model-download-failed` (retryable) naming the owner; `output-unwritable`.
 */
async function takeLock(path: string, name: string): Promise<() => Promise<void>> {
  const folder = dirname(path);
  await makeModelsFolder(folder);
  const mine = `${pid} ${hostname()}\n`;
  const draft = `${path}.${pid}.${serial++}`;
  // A lock appears by a link to a whole file: it is never seen empty.
  await writing(folder, writeFile(draft, mine));
  try {
    for (let takeover = 0; takeover <= MAX_TAKEOVERS; takeover++) {
      if (await linked(draft, path)) return () => rm(path, { force: true });
      const owner = await readFile(path, 'utf8').catch(() => undefined);
      if (owner === undefined) continue;
      if (!isStale(owner)) throw busy(path, name, owner);
      await discardStale(path, owner, `${draft}.stale`);
    }
    throw busy(path, name, 'another process');
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock only if it is still the stale one: between reading and removing, another may have taken it over. */
async function discardStale(path: string, stale: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8').catch(() => stale)) !== stale) await linked(aside, path);
  await rm(aside, { force: true });
}

function isStale(owner: string): boolean {
  const [id, host] = owner.trim().split(' ');
  return host === hostname() && !isRunning(Number(id));
}

function isRunning(id: number): boolean {
  if (!Number.isInteger(id) || id <= 0) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function busy(path: string, name: string, owner: string): ScriptoriumError {
  return new ScriptoriumError(
    'model-download-failed',
    `${name} is being pulled or removed by process ${owner.trim()}: wait for it, or delete ${path} if there is none`,
  );
}
