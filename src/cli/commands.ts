import type { OptionName } from '../config/index.ts';
import type { Command } from './command.ts';

const RUNNING: readonly OptionName[] = ['threads', 'precision', 'ffmpeg', 'quiet', 'verbose', 'engineTimeout'];
const MODEL: readonly OptionName[] = ['model', 'modelsDir', 'cacheDir'];
const LISTENING: readonly OptionName[] = ['host', 'port', 'dataDir', 'drain'];
const BROKER: readonly OptionName[] = ['broker', 'brokerAudio', 'brokerPrefix', 'blobsDir', 'blobs'];
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

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'transcribe',
    usage: 'FILE… | -',
    summary: 'Turn recordings into text; the command when none is named',
    examples: [
      ['scriptorium talk.mp3', 'print what is said'],
      ['scriptorium talk.mp3 -f srt > talk.srt', 'subtitles'],
      ['scriptorium *.wav -f txt,srt -o texts', 'two files for each recording, in a folder'],
      ['ffmpeg -i film.mkv -f wav - | scriptorium -', 'a recording from a pipe'],
      ['scriptorium call.wav --json --words', 'events for a program, one a line'],
    ],
    about: [
      'One recording in one format goes to stdout. Several recordings, formats or channels become files in the current ' +
        'folder, named after the recording (talk.mp3 becomes talk.srt), or where -o or --beside puts them; stdout then lists ' +
        'them. Files that exist are kept unless --overwrite is given.',
      "The names of Whisper's own options are understood too: --output_format, --output_dir, --word_timestamps True, …",
    ],
    options: [
      'formats',
      'outputDir',
      'output',
      'beside',
      'overwrite',
      'words',
      'json',
      'language',
      'task',
      'prompt',
      'keywords',
      'channels',
      'timestamps',
      'maxLineWidth',
      'maxLineCount',
      'beamSize',
      'temperature',
      'temperatureIncrement',
      'lengthPenalty',
      'compressionRatioThreshold',
      'logprobThreshold',
      'noSpeechThreshold',
      'previousText',
      'suppressSymbols',
      'seed',
      'jobs',
      'progress',
      'maxHours',
      ...RUNNING,
      ...MODEL,
    ],
    acceptsForeignFlags: true,
    warmsUp: true,
    load: async () => (await import('./commands/transcribe.ts')).transcribe,
  },
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
  {
    name: 'live',
    usage: 'FILE | - | --microphone',
    summary: 'Print words while they are spoken, from a running server',
    examples: [
      ['scriptorium live --microphone', 'what you say, as you say it'],
      ['scriptorium live talk.mp3', 'a recording, as if it were spoken now'],
      ['scriptorium live talk.mp3 --speed 0 --plain', 'as fast as the server goes, only final text'],
      ['arecord -t raw -f S16_LE -r 16000 | scriptorium live - --raw', 'samples from a pipe'],
      ['scriptorium live --microphone --json', 'every event for a program, one a line'],
    ],
    about: [
      'Needs a server: start one with `scriptorium serve`, or name another with --server. On a terminal, settled words stay ' +
        'and words that may still change are dim; elsewhere only final text is printed, a line an utterance. At the end, ' +
        'stderr tells how soon words came.',
      'A broken connection is made again by itself, and no word is lost. The first Ctrl-C ends the sound and waits for its ' +
        'last words; the second ends at once. Exits with 0, with 130 when a recording was cut short, with 4 when no server ' +
        'answers, with 5 when it wants another key.',
    ],
    options: [
      'server',
      'apiKey',
      'microphone',
      'raw',
      'speed',
      'plain',
      'json',
      'language',
      'task',
      'prompt',
      'model',
      'ffmpeg',
      'maxHours',
      'quiet',
      'verbose',
    ],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/live.ts')).live,
  },
  {
    name: 'status',
    usage: '',
    summary: 'Ask a running server how it is',
    examples: [
      ['scriptorium status', 'is the server of this machine ready, and what does it do?'],
      ['scriptorium status --server https://speech.example --json', 'another one, for a program'],
    ],
    about: ['Exits with 0 when the server is ready, with 1 when it is not, with 4 when nothing answers.'],
    options: ['server', 'apiKey', 'json', 'quiet', 'verbose'],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'jobs',
    usage: 'list | show | cancel | retry  [ID…]',
    summary: 'See, stop and repeat the jobs of a running server',
    examples: [
      ['scriptorium jobs list', 'all jobs that the server keeps, newest first'],
      ['scriptorium jobs show job_01m8…', 'how far one is, and what went wrong'],
      ['scriptorium jobs cancel job_01m8…', 'stop one'],
    ],
    about: ['Retry makes a new job of the same file, where the first failed through no fault of the file.'],
    options: ['server', 'apiKey', 'json', 'quiet', 'verbose'],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/jobs.ts')).jobs,
  },
  {
    name: 'models',
    usage: 'list | pull | info | rm | verify  [NAME…]',
    summary: 'See, fetch, check and remove models',
    examples: [
      ['scriptorium models list', 'what there is, and what is on this machine'],
      ['scriptorium models pull base.en', 'fetch one; run it again to resume'],
      ['scriptorium models pull small --mirror /mnt/models', 'from a folder or URL of your own'],
      ['scriptorium models verify', 'check every model on this machine'],
    ],
    about: [],
    options: ['json', 'progress', 'quiet', 'verbose', 'modelsDir', 'mirror'],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/models.ts')).models,
  },
  {
    name: 'doctor',
    usage: '',
    summary: 'Look at this machine and transcribe a bundled recording',
    examples: [
      ['scriptorium doctor', 'is everything here, and how fast is it?'],
      ['scriptorium doctor --json', 'the same for a bug report'],
    ],
    about: ['Exits with 0 when transcription works, with 1 when something keeps it from working.'],
    options: ['json', ...RUNNING, ...MODEL],
    acceptsForeignFlags: false,
    warmsUp: false,
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
];
