import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `npm run bench -- [options]

  --speech DIR      folder of recordings                       (test/fixtures/speech)
  --manifest FILE   one JSON object a line: file, language, reference   (manifest.jsonl in that folder)
  --rounds N        how often everything is measured           (5)
  --threads N       threads of each system                     (2, or the cores there are)
  --oracle FILE     words with times to compare ours with
  --memory          measure memory over 10 min and 4 h too     (takes long)
  --quick           our own side only, written to .bench/quick.md
  --busy            measure although the machine is at work
  --python PROGRAM  a Python 3.11 or newer for the peers       (python3)
  --home DIR        where peers and samples are kept           (.bench)
  --out FILE        the page to write                          (docs/benchmarks.md)
`;

export interface BenchOptions {
  readonly speech: string;
  readonly manifest: string;
  readonly rounds: number;
  readonly threads: number;
  readonly oracle: string | undefined;
  readonly memory: boolean;
  readonly quick: boolean;
  readonly busy: boolean;
  readonly python: string;
  readonly home: string;
  readonly out: string;
}

/** @returns undefined when help was asked for. @throws TypeError for an unknown option, RangeError for a bad number. */
export function readOptions(args: readonly string[], root: string): BenchOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      speech: { ...text, default: join(root, 'test/fixtures/speech') },
      manifest: text,
      rounds: { ...text, default: '5' },
      threads: { ...text, default: String(Math.min(2, availableParallelism())) },
      oracle: text,
      memory: flag,
      quick: flag,
      busy: flag,
      python: { ...text, default: 'python3' },
      home: { ...text, default: join(root, '.bench') },
      out: text,
      help: flag,
    },
  });
  if (values.help) return undefined;
  const speech = resolve(values.speech);
  return {
    speech,
    manifest: resolve(values.manifest ?? join(speech, 'manifest.jsonl')),
    rounds: positive('rounds', values.rounds),
    threads: positive('threads', values.threads),
    oracle: values.oracle,
    memory: values.memory,
    quick: values.quick,
    busy: values.busy,
    python: values.python,
    home: resolve(values.home),
    out: resolve(values.out ?? join(root, values.quick ? '.bench/quick.md' : 'docs/benchmarks.md')),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} takes a whole number from 1, not ${text}`);
  return value;
}
