/** A real Chromium whose microphone hears a recording. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

interface ChromiumOptions {
  /** A WAV that is heard once, from when a page opens the microphone. */
  readonly hears: string;
  /** What the person answers when a page asks for the microphone. */
  readonly allows: boolean;
}

/** @throws Error when there is none: a page that nobody tried is no page that works. */
export async function startChromium({ hears, allows }: ChromiumOptions): Promise<Browser> {
  const executablePath = [process.env['CHROMIUM'] ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));
  if (executablePath === undefined) {
    throw new Error('no Chromium: apt-get install chromium, or name one in the variable CHROMIUM');
  }
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${hears}%noloop`,
      allows ? '--use-fake-ui-for-media-stream' : '--deny-permission-prompts',
    ],
  });
}
