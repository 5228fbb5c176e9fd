import type { Millis } from '../../core/index.ts';
import { millis } from '../../core/index.ts';

/** Every bound of a store on S3. */
export interface S3Bounds {
  /** Bytes of a part of an upload, except the last one; S3 takes no fewer than 5 MiB. An upload holds one more than are on their way. */
  readonly partBytes: number;
  /** Parts of one upload that are on their way at once. */
  readonly partsInFlight: number;
  /** Bytes that are asked for at once; a reader holds no more. */
  readonly rangeBytes: number;
  /** Connections to the store; what is beyond waits. */
  readonly connections: number;
  /** How often a call is tried before it fails. */
  readonly attempts: number;
  /** How long a connection may take. */
  readonly connect: Millis;
  /** How long the store may say nothing. */
  readonly silence: Millis;
  /** How long one try of a call may take with all its bytes. */
  readonly call: Millis;
  /** How long an upload that failed is cleaned up; what is left is for a later start. */
  readonly cleanUp: Millis;
  /** How old an unfinished upload is when it is nobody's any more. */
  readonly unfinished: Millis;
}

const MIB = 2 ** 20;

export const S3_BOUNDS: S3Bounds = {
  partBytes: 5 * MIB,
  partsInFlight: 2,
  rangeBytes: 4 * MIB,
  connections: 32,
  attempts: 5,
  connect: millis(5000),
  silence: millis(20_000),
  call: millis(120_000),
  cleanUp: millis(5000),
  unfinished: millis(86_400_000),
};

/** Parts of one upload at most (Amazon S3 User Guide, "multipart upload limits"). */
export const MAX_PARTS = 10_000;
