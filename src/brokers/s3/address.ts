import { ScriptoriumError } from '../../core/index.ts';

/** What an address of a store says, with what the environment adds. */
export interface S3Address {
  readonly bucket: string;
  /** What keys begin with: ends with a slash. */
  readonly prefix: string;
  readonly region: string;
  /** Of a store that isn't Amazon's. */
  readonly endpoint?: string;
  /** Whether the bucket stands in the path, rather than before the host's name. */
  readonly pathStyle: boolean;
  /** For messages. */
  readonly label: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where nobody names a region: Amazon's first, and what stores without regions take. */
const DEFAULT_REGION = 'us-east-1';
/** Where nobody names a prefix, so that a bucket with something else in it keeps that. */
const DEFAULT_PREFIX = 'scriptorium';
const MAX_PREFIX = 512;
/** Amazon S3 User Guide, "general purpose bucket naming rules"; other stores take capitals and underscores too. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/u;
const REGION = /^[A-Za-z0-9-]{1,64}$/u;
const PREFIX_PART = /^[A-Za-z0-9!_.*'()=-]+$/u;
const FORM = /^s3:\/\/([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/u;
const SETTINGS: readonly string[] = ['region', 'endpoint', 'path-style'];

const wrong = (what: string): ScriptoriumError =>
  new ScriptoriumError(
    'storage-refused',
    `${what}; write s3://BUCKET/PREFIX?region=REGION&endpoint=URL, and give keys by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  );

function prefixOf(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  const isWrong = parts.some((part) => part === '.' || part === '..' || !PREFIX_PART.test(part));
  if (isWrong || path.length > MAX_PREFIX) throw wrong('the prefix of the address of blobs is none');
  return `${parts.length === 0 ? DEFAULT_PREFIX : parts.join('/')}/`;
}

function endpointOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url !== undefined && ['http:', 'https:'].includes(url.protocol);
  if (!isWeb || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw wrong("the endpoint of the address of blobs is no URL with http or https, without user and '?'");
  }
  return url.href.replace(/\/$/u, '');
}

const given = (...texts: readonly (string | undefined | null)[]): string | undefined =>
  texts.find((text): text is string => typeof text === 'string' && text !== '');

/**
 * Takes `s3://BUCKET[/PREFIX][?region=…&endpoint=…&path-style=yes|no]` apart. What it doesn't say is taken from `AWS_REGION`,
 * `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_S3` and `AWS_ENDPOINT_URL`. The address is never quoted in a message: somebody may have put
 * keys into it.
 *
 * @throws ScriptoriumError `storage-refused`.
 */
export function s3AddressOf(text: string, env: Environment): S3Address {
  const [, bucket = '', path = '', query = ''] = FORM.exec(text) ?? [];
  if (!BUCKET.test(bucket)) throw wrong('the address of blobs names no bucket');
  const settings = new URLSearchParams(query);
  for (const name of settings.keys()) {
    if (!SETTINGS.includes(name) || settings.getAll(name).length > 1) {
      throw wrong(`the address of blobs takes ${SETTINGS.join(', ')} after '?', each once`);
    }
  }
  const place = given(settings.get('endpoint'), env['AWS_ENDPOINT_URL_S3'], env['AWS_ENDPOINT_URL']);
  const endpoint = place === undefined ? undefined : endpointOf(place);
  const region = given(settings.get('region'), env['AWS_REGION'], env['AWS_DEFAULT_REGION']) ?? DEFAULT_REGION;
  if (!REGION.test(region)) throw wrong('the region of the address of blobs is none');
  const style = settings.get('path-style') ?? (endpoint === undefined ? 'no' : 'yes');
  if (style !== 'yes' && style !== 'no') throw wrong('path-style in the address of blobs is yes or no');
  return {
    bucket,
    prefix: prefixOf(path),
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    pathStyle: style === 'yes',
    label: `bucket ${bucket} at ${endpoint ?? `Amazon S3 in ${region}`}`,
  };
}
