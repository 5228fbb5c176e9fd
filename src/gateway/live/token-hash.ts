import { createHash, timingSafeEqual } from 'node:crypto';

/** What a record keeps of a secret. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether a secret is the one that was hashed, in the same time whatever differs. */
export const isHashOf = (hash: string, secret: string): boolean => {
  const [a, b] = [Buffer.from(hash, 'hex'), Buffer.from(hashOf(secret), 'hex')];
  return a.length === b.length && timingSafeEqual(a, b);
};
