import { SHARED_BROKER, type OptionName } from '../config/index.ts';
import type { Command } from './command.ts';
import { MODEL, RUNNING } from './shared-options.ts';

const LISTENING: readonly OptionName[] = ['host', 'port', 'dataDir', 'drain'];
const BROKER: readonly OptionName[] = ['broker', ...SHARED_BROKER];
const DOOR: readonly OptionName[] = [
  'tlsCert',
  'tlsKey',
  'cors',
  'apiKeys',
  'apiKeysFile',
  'allowOpen',
  'allowPrivateUrls',
  'maxUpload',
  'maxQueued',
  'maxLive',
  'liveResume',
  'maxRequests',
  'maxAudio',
  'maxJobs',
  'retention',
];
const DECODING: readonly OptionName[] = [
  'beamSize',
  'temperatureIncrement',
  'lengthPenalty',
  'compressionRatioThreshold',
  'logprobThreshold',
  'noSpeechThreshold',
  'suppressSymbols',
];
const ENGINES: readonly OptionName[] = ['unloadAfter', 'modelMemory', 'engineMemory', 'engine', 'maxHours'];

/** The server and its parts, in the order of the help. */
export const SERVER_COMMANDS: readonly Command[] = [
  {
    name: 'serve',
    usage: '',
    summary: 'Run a transcription server that clients of OpenAI speak to',
    examples: [
      ['scriptorium serve', 'on this machine, port 8080'],
      ['scriptorium serve --model base --port 9000', 'another model, another port'],
      ['SCRIPTORIUM_API_KEYS=… scriptorium serve --host 0.0.0.0', 'for others, who show a key'],
      ['scriptorium serve --broker redis://10.0.0.5', 'one of several, which share their work'],
    ],
    about: [
      'Speaks the OpenAI API for files (/v1/audio/transcriptions) and jobs for long ones (/v1/jobs). It prints a curl line that ' +
        'works as pasted once it is ready. What it accepted is in the data folder: killed and started again, it goes on.',
      'Listens on this machine only unless --host says otherwise, and then asks for API keys. Ctrl-C or SIGTERM lets what is ' +
        'under way end; a second one stops at once.',
      '/readyz says whether it is ready, /metrics is for Prometheus. The log goes to stderr as JSON, on a terminal as ' +
        'short lines and only what needs you; -v says more.',
    ],
    options: [
      ...LISTENING,
      ...BROKER,
      ...DOOR,
      'webhookSecrets',
      ...ENGINES,
      ...DECODING,
      'json',
      ...RUNNING,
      ...MODEL,
    ],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    name: 'gateway',
    usage: '',
    summary: 'Run the part of a server that clients speak to',
    examples: [
      [
        'scriptorium gateway --broker redis://10.0.0.5 --blobs-dir /mnt/blobs',
        'one of any number behind a load balancer',
      ],
    ],
    about: [
      'Takes uploads and sockets, and transcribes nothing: workers on the same broker do. A client whose gateway is gone goes on at ' +
        'any other. Every gateway of a site needs the same keys, and sees the same folder of blobs.',
    ],
    options: [...LISTENING, ...BROKER, ...DOOR, ...DECODING, 'json', 'quiet', 'verbose', ...MODEL],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/serve.ts')).gateway,
  },
  {
    name: 'worker',
    usage: '',
    summary: 'Run the part of a server that turns speech into text',
    examples: [['scriptorium worker --broker redis://10.0.0.5 --blobs-dir /mnt/blobs', 'one of any number']],
    about: [
      'Takes jobs when it has room for them. One that is killed loses none: another takes them when the lease is over. --host and ' +
        '--port are where /livez, /readyz and /metrics are.',
    ],
    options: [...LISTENING, ...BROKER, ...ENGINES, 'maxQueued', 'json', ...RUNNING, ...MODEL],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/serve.ts')).worker,
  },
  {
    name: 'supervise',
    usage: '',
    summary: 'Run as many workers on this machine as there is work for',
    examples: [
      ['scriptorium supervise --broker redis://10.0.0.5 --blobs-dir /mnt/blobs', 'one to as many as there are cores'],
      ['scriptorium supervise --min 2 --max 6 --broker redis://10.0.0.5', 'never fewer than two'],
    ],
    about: [
      'Starts and stops `scriptorium worker` processes; what it is given of their settings is passed on. Live work is met as it will be in ' +
        '45 s, waiting live work within 5 s, background work within 3 minutes, and no more than 70 % of the processor time is planned with. ' +
        'Workers are added at once, and drained when fewer have been enough for --calm seconds. One that ends by itself is started ' +
        'again, after a wait that doubles with each failure.',
      'Every state is a line of JSON on stdout: how many run, start and drain, how many are wanted, and why. The log of the workers goes ' +
        'to stderr. Ctrl-C or SIGTERM drains all of them; they also drain when the supervisor is killed.',
    ],
    options: [
      'min',
      'max',
      'workerSlots',
      'calm',
      'dataDir',
      'drain',
      ...BROKER,
      ...ENGINES,
      'maxQueued',
      ...RUNNING,
      ...MODEL,
    ],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/supervise.ts')).superviseWorkers,
  },
  {
    name: 'aggregator',
    usage: '',
    summary: 'Run the part of a server that puts results together',
    examples: [
      ['scriptorium aggregator --broker redis://10.0.0.5 --blobs-dir /mnt/blobs', 'one of any number; two are enough'],
    ],
    about: [
      'Puts what workers heard in order, writes transcripts, and calls webhooks. --host and --port are where /livez, /readyz and ' +
        '/metrics are.',
    ],
    options: [
      ...LISTENING,
      ...BROKER,
      'maxQueued',
      'webhookSecrets',
      'allowPrivateUrls',
      'json',
      'quiet',
      'verbose',
      ...MODEL,
    ],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/serve.ts')).aggregator,
  },
];
