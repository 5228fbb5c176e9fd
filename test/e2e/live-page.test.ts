/** examples/live.html in a real Chromium with a microphone that hears a recording. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { strictServer, type StrictServer } from '../../src/client/testing/strict-server.ts';
import { startChromium } from './testing/chromium.ts';
import { fixture, mustBeBuilt, startServer } from './testing/running-server.ts';

const JFK = fixture('audio/jfk.wav');
const SAID = 'and so my fellow americans ask not what your country can do for you ask what you can do for your country';
const project = fileURLToPath(new URL('../../', import.meta.url));
const FILES: Readonly<Record<string, readonly [path: string, type: string]>> = {
  '/live.html': ['examples/live.html', 'text/html; charset=utf-8'],
  '/client.js': ['dist/client/browser.min.js', 'text/javascript; charset=utf-8'],
};

/** Any host of files, as the page may come from. */
async function host() {
  const server = createServer((request, response) => {
    const [path, type] = FILES[(request.url ?? '').split('?')[0] ?? ''] ?? [];
    if (path === undefined || type === undefined) response.writeHead(404).end();
    else void readFile(join(project, path)).then((text) => response.writeHead(200, { 'content-type': type }).end(text));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${String(port)}`, close: () => void server.close() };
}

const Colours = z.object({ ground: z.string(), ink: z.string(), quiet: z.string() });

let browser: Browser;
let files: Awaited<ReturnType<typeof host>>;
const opened: Page[] = [];

beforeAll(async () => {
  mustBeBuilt();
  [browser, files] = await Promise.all([startChromium({ hears: JFK, allows: true }), host()]);
});
afterEach(async () => {
  for (const page of opened.splice(0)) await page.context().close();
});
afterAll(async () => {
  await browser.close();
  files.close();
});

interface Visit {
  readonly in?: Browser;
  readonly options?: Parameters<Browser['newContext']>[0];
}

/** The page, with whatever goes wrong in it kept. */
async function visit(url: string, { in: from = browser, options = {} }: Visit = {}) {
  const page = await (await from.newContext(options)).newPage();
  opened.push(page);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(url);
  return { page, faults };
}
const live = (server: Pick<StrictServer, 'url'>): string => `${files.url}/live.html?server=${server.url}`;
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
const until = async (page: Page, state: string): Promise<void> =>
  void (await page.waitForSelector(`body[data-state="${state}"]`, { timeout: 30_000 }));
const finals = (page: Page): Promise<string[]> => page.locator('#finals p').allTextContents();

test('words appear while one speaks, settle, and can be copied and saved', async () => {
  await using server = await strictServer();
  const { page, faults } = await visit(live(server), {
    options: { permissions: ['clipboard-read', 'clipboard-write'] },
  });
  expect(await page.getByRole('button', { name: 'Copy' }).isDisabled()).toBe(true);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(page, 'live');
  await page.waitForSelector('#open .unsettled:not(:empty)');
  await page.waitForSelector('#level span[style*="0."]', { state: 'attached' });
  await page.waitForSelector('#finals p:nth-child(2)');
  await press(page, 'Stop');
  await until(page, 'idle');
  const said = await finals(page);
  expect(said.length).toBeGreaterThanOrEqual(2);
  expect(await page.locator('#open').textContent()).toBe('');
  expect(said).toEqual(server.sessions[0]?.finals().filter((text) => text !== ''));
  expect(server.violations).toEqual([]);
  const loudest = Math.max(...new Int16Array(Uint8Array.from(server.sessions[0]?.bytes() ?? []).buffer).map(Math.abs));
  expect(loudest).toBeGreaterThan(3000);

  await press(page, 'Copy');
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${said.join('\n')}\n`);
  const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Save subtitles')]);
  expect(download.suggestedFilename()).toBe('live.srt');
  const subtitles = await readFile(await download.path(), 'utf8');
  expect(subtitles).toMatch(/^1\n00:00:00,000 --> 00:00:01,000\nwords [0-9a-f]{8}\n\n2\n00:00:01,000 --> /);

  await press(page, 'Start');
  await page.waitForSelector(`#finals p:nth-child(${String(said.length + 1)})`);
  await press(page, 'Stop');
  await until(page, 'idle');
  expect(faults).toEqual([]);
});

test('a broken connection is shown, made again, and costs nothing', async () => {
  await using server = await strictServer();
  const { page } = await visit(live(server));
  await press(page, 'Start');
  await page.waitForSelector('#finals p');
  server.refuse(502);
  server.cut();
  await until(page, 'reconnecting');
  expect(await page.getByRole('status').textContent()).toMatch(/^reconnecting/);
  server.refuse(undefined);
  await page.getByText('live, connected again').waitFor();
  await press(page, 'Stop');
  await until(page, 'idle');
  expect(await finals(page)).toEqual(server.sessions[0]?.finals().filter((text) => text !== ''));
  expect(server.violations).toEqual([]);
});

test('a server that wants a key asks for it, once', async () => {
  await using server = await strictServer({ key: 'secret' });
  const { page } = await visit(live(server));
  await press(page, 'Start');
  await page.locator('#key').fill('secret');
  await press(page, 'Use it');
  await until(page, 'live');
  await press(page, 'Stop');
  await until(page, 'idle');
  await press(page, 'Start');
  await until(page, 'live');
  expect(await page.locator('#ask').isVisible()).toBe(false);
});

test('what is wrong is said with what to do: no server, no permission', async () => {
  const { page } = await visit(live({ url: 'http://127.0.0.1:9' }));
  await press(page, 'Start');
  await until(page, 'failed');
  expect(await page.getByRole('alert').textContent()).toContain('scriptorium serve');
  const strict = await startChromium({ hears: JFK, allows: false });
  try {
    await using server = await strictServer();
    const denied = await visit(live(server), { in: strict });
    await press(denied.page, 'Start');
    await until(denied.page, 'failed');
    expect(await denied.page.getByRole('alert').textContent()).toContain('The microphone was not allowed');
    expect(server.connections()).toBe(0);
  } finally {
    opened.length = 0;
    await strict.close();
  }
});

test('the screen may sleep again when a session is over, however it ended', async () => {
  await using server = await strictServer();
  const { page } = await visit(live(server));
  await page.evaluate(`
    let held = 0;
    Object.defineProperty(navigator, 'wakeLock', {
      value: { request: async () => (document.title = ++held, { release: async () => (document.title = --held) }) },
    });
  `);
  await press(page, 'Start');
  await page.waitForSelector('#finals p');
  expect(await page.title()).toBe('1');
  server.close(4409);
  await until(page, 'failed');
  await page.waitForFunction('document.title === "0"');
  await press(page, 'Start');
  await until(page, 'live');
  await press(page, 'Stop');
  await until(page, 'idle');
  await page.waitForFunction('document.title === "0"');
});

test('fits a phone, can be read in light and dark, and tells finals only to those who listen to it', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const options = { viewport: { width: 360, height: 640 }, colorScheme, reducedMotion: 'reduce' } as const;
    const { page } = await visit(`${files.url}/live.html`, { options });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    const colours = Colours.parse(
      await page.evaluate(`({
        ground: getComputedStyle(document.body).backgroundColor,
        ink: getComputedStyle(document.body).color,
        quiet: getComputedStyle(document.querySelector('#empty')).color,
      })`),
    );
    expect(contrast(colours.ink, colours.ground)).toBeGreaterThan(7);
    expect(contrast(colours.quiet, colours.ground)).toBeGreaterThan(4.5);
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('polite');
    expect(await page.locator('#open').getAttribute('aria-hidden')).toBe('true');
    await page.context().close();
  }
  opened.length = 0;
});

/** WCAG 2.2, 1.4.3: relative luminances, the lighter first, 0.05 added to both. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map((digits) => {
      const value = Number(digits) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** A real engine and a real browser share the machine with whatever else is tested. */
const HEARD_MS = 120_000;

test(
  'the page of a real server hears a real speech',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scriptorium-page-'));
    const server = await startServer(folder);
    try {
      const { page, faults } = await visit(`${server.url}/live`);
      await press(page, 'Start');
      await until(page, 'live');
      await page.getByText(/ask what you can do for your country/i).waitFor({ timeout: HEARD_MS });
      await press(page, 'Stop');
      await until(page, 'idle');
      const heard = new Set(
        (await finals(page))
          .join(' ')
          .toLowerCase()
          .match(/[a-z]+/g),
      );
      // What a browser does to a microphone's sound may cost a letter here and there.
      const missed = SAID.split(' ').filter((word) => !heard.has(word));
      expect(missed.length).toBeLessThanOrEqual(3);
      expect(faults).toEqual([]);
    } finally {
      server.kill('SIGKILL');
      await server.exited;
      await rm(folder, { recursive: true, force: true });
    }
  },
  2 * HEARD_MS,
);
