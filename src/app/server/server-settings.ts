import { totalmem } from 'node:os';
import { OPTION_LIST, SHARED_BROKER, temperatures, type Config } from '../../config/index.ts';
import { DEFAULT_DECODE_OPTIONS, ScriptoriumError, millis, type DecodeOptions, type Millis } from '../../core/index.ts';
import { settingsOf, type AppSettings } from '../settings.ts';

/** Which parts run in the process. */
export type ServerRole = 'all' | 'gateway' | 'worker' | 'aggregator';

type Environment = Readonly<Record<string, string | undefined>>;

/** Redis, for parts that run apart. */
export interface BrokerSettings {
  readonly url: string;
  /** Of a Redis for audio alone. */
  readonly audioUrl?: string;
  readonly prefix?: string;
  /** Paths of PEM files: who is trusted, and who we are. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** A folder that every process sees, or a store on S3 with the variables that hold its keys. */
  readonly blobs?: { readonly folder: string } | { readonly url: string; readonly env: Environment };
}

/** What composing a server needs to know. */
export interface ServerSettings extends AppSettings {
  readonly role: ServerRole;
  /** Undefined for the broker within the process. */
  readonly broker?: BrokerSettings;
  readonly engine: 'whisper' | 'scripted';
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** Paths of PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly cors: readonly string[];
  readonly apiKeys: readonly string[];
  readonly apiKeysFile?: string;
  readonly allowOpen: boolean;
  readonly allowPrivateUrls: boolean;
  readonly webhookSecrets: readonly string[];
  readonly limits: {
    readonly requestsPerMinute?: number;
    readonly audioSecondsPerHour?: number;
    readonly jobsAtOnce?: number;
  };
  readonly uploadBytes: number;
  /** Jobs that a class may hold. */
  readonly queueDepth: number;
  /** Live sessions at once. */
  readonly maxLive: number;
  readonly liveResume: Millis;
  readonly retention: Millis;
  /** How a request is decoded where it says nothing of it. */
  readonly decode: DecodeOptions;
  readonly unloadAfter: Millis;
  /** For all loaded models. */
  readonly modelBytes: number;
  /** For one engine process. */
  readonly engineBytes: number;
  readonly logLevel: 'debug' | 'info' | 'warn';
}

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The server's settings out of the user's.
 *
 * @param role of the process; one apart needs a broker that others reach.
 * @param isWatched whether a person looks at the log: then only what needs one is written.
 * @throws ScriptoriumError `usage-invalid` when settings rule each other out.
 */
export function serverSettingsOf(
  config: Config,
  env: Environment,
  role: ServerRole,
  isWatched: boolean,
): ServerSettings {
  const { tlsCert, tlsKey, maxRequests, maxAudio, maxJobs } = config;
  return {
    ...settingsOf(config, env),
    role,
    ...brokerOf(config, env),
    engine: config.engine,
    dataFolder: config.dataDir,
    host: config.host,
    port: config.port,
    ...(tlsCert === undefined || tlsKey === undefined ? {} : { tls: { cert: tlsCert, key: tlsKey } }),
    cors: config.cors,
    apiKeys: config.apiKeys,
    ...(config.apiKeysFile === undefined ? {} : { apiKeysFile: config.apiKeysFile }),
    allowOpen: config.allowOpen,
    allowPrivateUrls: config.allowPrivateUrls,
    webhookSecrets: config.webhookSecrets,
    limits: {
      ...(maxRequests === undefined ? {} : { requestsPerMinute: maxRequests }),
      ...(maxAudio === undefined ? {} : { audioSecondsPerHour: maxAudio }),
      ...(maxJobs === undefined ? {} : { jobsAtOnce: maxJobs }),
    },
    uploadBytes: Math.floor(config.maxUpload * MIB),
    queueDepth: config.maxQueued,
    maxLive: config.maxLive,
    liveResume: millis(config.liveResume * SECOND_MS),
    retention: millis(config.retention * HOUR_MS),
    decode: decodeOf(config),
    unloadAfter: millis(config.unloadAfter * MINUTE_MS),
    modelBytes: config.modelMemory === 'auto' ? machineBytes() / 2 : config.modelMemory * GIB,
    engineBytes: config.engineMemory === 'auto' ? (machineBytes() * 3) / 4 : config.engineMemory * GIB,
    logLevel: config.verbose ? 'debug' : config.quiet || isWatched ? 'warn' : 'info',
  };
}

const LOCAL = 'local';

function brokerOf(config: Config, env: Environment): Pick<ServerSettings, 'broker'> {
  const { broker, brokerAudio, brokerPrefix } = config;
  if (broker === LOCAL) {
    const given = OPTION_LIST.flatMap(([name, { flag }]) =>
      SHARED_BROKER.includes(name) && config[name] !== undefined ? [`--${flag}`] : [],
    );
    if (given.length === 0) return {};
    throw new ScriptoriumError(
      'usage-invalid',
      `${given.join(' and ')} can do nothing without a broker that others reach: --broker redis://HOST`,
    );
  }
  const blobs = blobsOf(config, env);
  const tls = brokerTlsOf(config);
  return {
    broker: {
      url: broker,
      ...(tls === undefined ? {} : { tls }),
      ...(brokerAudio === undefined ? {} : { audioUrl: brokerAudio }),
      ...(brokerPrefix === undefined ? {} : { prefix: brokerPrefix }),
      ...(blobs === undefined ? {} : { blobs }),
    },
  };
}

function brokerTlsOf({
  broker,
  brokerAudio = broker,
  brokerCa: ca,
  brokerCert: cert,
  brokerKey: key,
}: Config): BrokerSettings['tls'] | undefined {
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if (![broker, brokerAudio].some((url) => url.startsWith('rediss'))) {
    throw new ScriptoriumError(
      'usage-invalid',
      'certificates are for a broker with TLS: write rediss://, or leave them out',
    );
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new ScriptoriumError('usage-invalid', '--broker-cert and --broker-key belong together');
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function blobsOf({ blobsDir, blobs }: Config, env: Environment): BrokerSettings['blobs'] {
  if (blobsDir !== undefined && blobs !== undefined) {
    throw new ScriptoriumError(
      'usage-invalid',
      'blobs are in a folder or in a store: leave out --blobs-dir or --blobs',
    );
  }
  if (blobs !== undefined) return { url: blobs, env };
  return blobsDir === undefined ? undefined : { folder: blobsDir };
}

/** What the machine has, or the container that we are in. */
function machineBytes(): number {
  const ours = process.constrainedMemory();
  return ours > 0 ? Math.min(ours, totalmem()) : totalmem();
}

function decodeOf(config: Config): DecodeOptions {
  return {
    ...DEFAULT_DECODE_OPTIONS,
    beamSize: config.beamSize,
    temperatures: temperatures(config),
    lengthPenalty: config.lengthPenalty,
    compressionRatioThreshold: config.compressionRatioThreshold,
    logprobThreshold: config.logprobThreshold,
    noSpeechThreshold: config.noSpeechThreshold,
    suppressSymbols: config.suppressSymbols,
  };
}
