import {
  nativeDocument,
  nativeSegment,
  writeTranscript,
  type App,
  type FormatName,
  type Transcript,
} from '../../app/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import type { Call } from '../command.ts';
import type { ProgressView } from '../progress/progress.ts';
import { span, speedText } from '../terminal/durations.ts';
import { filePath, filePaths, type Destination, type FileStem } from './destinations.ts';
import type { Events } from './events.ts';
import { openInput, type NamedInput } from './inputs.ts';
import { keptFiles, type KeptFiles } from './kept-files.ts';
import type { Outcome } from './outcome.ts';
import { formatOptions, requestFor } from './request.ts';
import { expectWritable, isSameFile, shortPath, writeWhole } from './write-file.ts';

/** What all recordings of one run share. */
export interface Shared {
  readonly call: Call;
  readonly app: App;
  readonly destination: Destination;
  readonly view: ProgressView;
  readonly events: Events;
  readonly signal: AbortSignal;
  /** Puts text on stdout in the order of the recordings; once for each, `''` for nothing. */
  readonly print: (index: number, text: string) => Promise<void>;
}

/** Ends the work on a recording of whose channels only now is known that all their files are there. */
class NothingMissing extends Error {
  override readonly name = 'NothingMissing';
}

/** Transcribes one recording and writes what was asked for. @throws whatever keeps it from that. */
export async function transcribeOne(input: NamedInput, index: number, shared: Shared): Promise<Outcome> {
  const { call, destination, events, view } = shared;
  const { config } = call;
  const files = destination.kind === 'files' ? filesOf(input, index, destination, shared) : undefined;
  let formats: readonly FormatName[] = destination.kind === 'stdout' ? [destination.format] : (files?.formats ?? []);
  const look = async (transcripts: number): Promise<void> => {
    if (files === undefined) return;
    formats = await files.kept.missing(formats, transcripts);
    for (const path of filePaths(files.stem, formats, transcripts)) await expectPlace(path, input);
  };
  // How many files channels become is known once the recording is open.
  if (config.channels === 'mix') {
    await look(1);
    if (files !== undefined && formats.length === 0) return { kind: 'skipped' };
  }
  const audio = await openInput(input, call.world, shared.signal);
  view.start(index);
  await events.emit({ type: 'start', input: input.name, index });
  const startedAt = call.world.now();
  let transcripts: readonly Transcript[];
  try {
    transcripts = await shared.app.transcribe(audio, requestFor(config, formats), {
      signal: shared.signal,
      onOpened: async (count) => {
        if (files === undefined || config.channels === 'mix') return;
        await look(count);
        if (formats.length === 0) throw new NothingMissing();
      },
      onProgress: (progress) => {
        view.update(index, progress);
      },
      onSegment: (segment, channel) => {
        events.post({ type: 'segment', input: input.name, index, channel, ...nativeSegment(segment, config.words) });
      },
    });
  } catch (error) {
    if (error instanceof NothingMissing) return { kind: 'skipped' };
    throw error;
  }
  const elapsed = call.world.now() - startedAt;
  const paths: string[] = [];
  const printed: string[] = [];
  for (const transcript of transcripts) {
    const options = formatOptions(config, input.name);
    if (config.json) {
      const document = nativeDocument(transcript, options);
      await events.emit({ type: 'transcript', input: input.name, index, transcript: document });
    }
    if (destination.kind === 'stdout') printed.push(writeTranscript(destination.format, transcript, options));
    if (files === undefined) continue;
    for (const format of formats) {
      const path = filePath(files.stem, format, transcript.channel);
      if (await files.kept.has(path)) continue;
      await writeWhole(path, writeTranscript(format, transcript, options), shared.signal);
      await events.emit({ type: 'written', input: input.name, index, format, path });
      paths.push(path);
    }
  }
  view.finish(index, doneLine(input.name, transcripts, elapsed, paths, shared));
  await shared.print(index, destination.kind === 'stdout' ? printed.join('') : listing(paths, call));
  return { kind: 'done' };
}

/** Tells before hours of work what would fail after them. */
async function expectPlace(path: string, input: NamedInput): Promise<void> {
  if (input.path !== undefined && (await isSameFile(input.path, path))) {
    throw new ScriptoriumError('usage-invalid', `${path} is the recording ${input.name} itself: write somewhere else`);
  }
  await expectWritable(path);
}

interface RecordingFiles {
  readonly stem: FileStem;
  readonly formats: readonly FormatName[];
  readonly kept: KeptFiles;
}

/** What one recording becomes; a note and an event tell of what is kept. */
function filesOf(
  input: NamedInput,
  index: number,
  { stems, formats }: Extract<Destination, { readonly kind: 'files' }>,
  { call, events, view }: Shared,
): RecordingFiles | undefined {
  const stem = stems.get(input);
  if (stem === undefined) return undefined;
  const { config, world } = call;
  const kept = keptFiles(stem, config.overwrite, async (existing) => {
    for (const path of existing) await events.emit({ type: 'skipped', input: input.name, index, path });
    if (config.quiet) return;
    const paths = existing.map((path) => shortPath(path, world.cwd)).join(', ');
    view.say(`${input.name}: ${paths} is there already; --overwrite replaces it`);
  });
  return { stem, formats: stem.kind === 'fixed' ? [stem.format] : formats, kept };
}

/** The files that were written, for the program that reads stdout; a person reads them on stderr. */
const listing = (paths: readonly string[], { world, config }: Call): string =>
  config.json || world.stdout.isTerminal ? '' : paths.map((path) => `${shortPath(path, world.cwd)}\n`).join('');

/**
 * What stays on the terminal: `✓ talk.mp3 → talk.srt  en, 41:20 in 4:55, 8.4×`; for the only document on stdout just when
 * asked.
 */
function doneLine(
  name: string,
  transcripts: readonly Transcript[],
  elapsed: number,
  paths: readonly string[],
  { call, destination }: Shared,
): string {
  const { config, style } = call;
  const telling = config.verbose || (destination.kind === 'files' && !config.json);
  const [first] = transcripts;
  if (config.quiet || !telling || first === undefined) return '';
  const speed = elapsed > 0 ? `, ${speedText(first.duration / elapsed)}` : '';
  const silent = transcripts.every((transcript) => transcript.segments.length === 0) ? ', nobody speaks' : '';
  const files = paths.length > 0 ? ` → ${paths.map((path) => shortPath(path, call.world.cwd)).join(', ')}` : '';
  const facts = `${first.language}, ${span(first.duration)} in ${span(elapsed)}${speed}${silent}`;
  return `${style.green('✓')} ${name}${files}  ${style.dim(facts)}`;
}
