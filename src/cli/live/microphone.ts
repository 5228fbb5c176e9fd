import { ScriptoriumError } from '../../core/index.ts';
import type { World } from '../world.ts';

/** Programs that record, best first; each writes bare 16 kHz mono 16 bit samples to stdout. */
const RECORDERS: readonly (readonly [name: string, platforms: readonly string[], args: readonly string[]])[] = [
  ['arecord', ['linux'], ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '16000', '-c', '1']],
  ['rec', ['linux', 'darwin'], ['-q', '-t', 'raw', '-e', 'signed', '-b', '16', '-L', '-r', '16000', '-c', '1', '-']],
  ['ffmpeg', ['linux'], ffmpegArgs('pulse', 'default')],
  ['ffmpeg', ['darwin'], ffmpegArgs('avfoundation', ':default')],
];

function ffmpegArgs(system: string, device: string): readonly string[] {
  return `-hide_banner -loglevel error -nostdin -f ${system} -i ${device} -f s16le -ar 16000 -ac 1 -`.split(' ');
}

/**
 * What the microphone hears, until `signal` aborts: bare 16 kHz mono 16 bit samples.
 *
 * @throws ScriptoriumError `input-unreadable` when no program here can record, or none hears anything.
 */
export async function* recordMicrophone(world: World, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const here = RECORDERS.filter(([, platforms]) => platforms.includes(world.machine.platform));
  const complaints: string[] = [];
  for (const [name, , args] of here) {
    if (signal.aborted) return;
    const program = await world.startProgram(name, args);
    if (program === undefined) continue;
    const stop = (): void => program.stop();
    signal.addEventListener('abort', stop, { once: true });
    let isHeard = false;
    try {
      for await (const bytes of program.stdout) {
        isHeard = true;
        yield bytes;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      program.stop();
    }
    const { complaint } = await program.ended;
    if (isHeard || signal.aborted) return;
    complaints.push(`${name}: ${complaint.split('\n').at(-1) ?? 'it heard nothing'}`);
  }
  throw new ScriptoriumError(
    'input-unreadable',
    complaints.length === 0
      ? 'no program here can record: install arecord (alsa-utils), sox or ffmpeg, or pipe samples in with - --raw'
      : `the microphone cannot be heard (${complaints.join('; ')})`,
  );
}
