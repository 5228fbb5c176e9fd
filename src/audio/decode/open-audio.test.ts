import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { collect, hear, inPieces, readFixtureBytes } from '../testing/fixtures.ts';
import { tone16, wavFile } from '../testing/wav-file.ts';
import { openAudio } from './open-audio.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('openAudio', () => {
  test.each([
    ['text', latin1('Dear diary,\ntoday I recorded nothing.\n'), 'notes.wav is text, not audio'],
    ['text in other letters', Buffer.from('Привет, мир. 你好。'), 'notes.wav is text, not audio'],
    ['text of UTF-16', Buffer.from('\ufeffHello there', 'utf16le'), 'notes.wav is text, not audio'],
    ['a playlist', latin1('#EXTM3U\nfile:///etc/passwd\n'), 'notes.wav is text, not audio'],
    ['a PNG', latin1('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'notes.wav is a PNG picture, not audio'],
    ['a JPEG', latin1('\xff\xd8\xff\xe0\0\x10JFIF'), 'notes.wav is a JPEG picture, not audio'],
    ['a HEIC', latin1('\0\0\0\x18ftypheic\0\0\0\0'), 'notes.wav is a HEIC picture, not audio'],
    ['a PDF', latin1('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'), 'notes.wav is a PDF document, not audio'],
    ['a ZIP', latin1('PK\x03\x04\x14\0\0\0'), 'notes.wav is a ZIP archive or an office document, not audio'],
    ['noise', latin1('\x01\x02\x03\x04\x05\x06\x07\x08'), 'notes.wav is in a format that is not known'],
  ])('says what %s is, not what its name says', async (_, bytes, message) => {
    const work = openAudio(inPieces(bytes), { name: 'notes.wav' });
    await expect(work).rejects.toMatchObject({ code: 'audio-format-unsupported', message });
  });

  test('calls nothing at all empty', async () => {
    const work = openAudio(inPieces(new Uint8Array(0)), { name: 'notes.wav' });
    await expect(work).rejects.toMatchObject({ code: 'audio-empty', message: 'notes.wav is empty' });
  });

  test.each([
    ['a folder', tmpdir(), 'input-unreadable', 'x is a folder, not a file'],
    ['nothing', '/nowhere/at/all.wav', 'input-missing', 'x does not exist'],
  ])('names %s that is opened as a file', async (_, path, code, message) => {
    await expect(openAudio(createReadStream(path), { name: 'x' })).rejects.toMatchObject({ code, message });
  });

  test('passes on a failure to read in the middle as one of the input', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield wavFile(tone16(8_000), { dataSize: 0, riffSize: 0 });
      throw new Error('EIO: the disk is gone');
    };
    const stream = await openAudio(broken(), { name: 'x' });
    await expect(collect(stream.blocks)).rejects.toMatchObject({ code: 'input-unreadable' });
  });

  test('reads no further than it is asked, and lets go of its source when it is closed or left', async () => {
    for (const leave of ['close', 'break'] as const) {
      let given = 0;
      let released = false;
      const endless = async function* (): AsyncGenerator<Uint8Array> {
        try {
          yield wavFile(tone16(100), { dataSize: 0, riffSize: 0 });
          for (;;) {
            given++;
            yield tone16(8_000);
          }
        } finally {
          released = true;
        }
      };
      const stream = await openAudio(endless(), { name: 'radio' });
      let blocks = 0;
      for await (const block of stream.blocks) {
        expect(block).toHaveLength(1);
        if (++blocks < 3) continue;
        if (leave === 'close') await stream.close();
        break;
      }
      expect(given).toBeLessThan(20);
      expect(released).toBe(true);
    }
  });

  test.each(['jfk.mp3', 'jfk.flac', 'jfk.ogg', 'jfk.opus'])('lets go of %s half way without a trace', async (name) => {
    const stream = await openAudio(inPieces(await readFixtureBytes(name)), { name });
    const blocks = stream.blocks[Symbol.asyncIterator]();
    await blocks.next();
    await stream.close();
    await stream.close();
    for (let blocksAfter = 0; (await blocks.next()).done !== true; blocksAfter++) expect(blocksAfter).toBeLessThan(2);
  });

  test.each([
    ['WAV', wavFile(tone16(8_000), { tag: 0x55 }), 'WAV (coding 85)'],
    ['AIFF-C', latin1(`FORM\0\0\0\0AIFCCOMM\0\0\0\x18${'\0'.repeat(18)}ima4\0\0`), 'AIFF-C (coding ima4)'],
    ['Ogg', latin1(`OggS\0\x02${'\0'.repeat(20)}\x01\x08Speex   `), 'Ogg Speex'],
  ])('leaves %s in a coding that it does not know to ffmpeg', async (_, bytes, what) => {
    await expect(openAudio(inPieces(bytes), { name: 'x' })).rejects.toThrow(`x is ${what} audio: install ffmpeg`);
  });

  test('knows how much a head promises, and says nothing where it does not', async () => {
    const promised = async (name: string): Promise<number | undefined> => {
      const stream = await openAudio(inPieces(await readFixtureBytes(name)), { name });
      await stream.close();
      return stream.promised;
    };
    expect(await promised('jfk.wav')).toBe(176_000);
    expect(await promised('jfk.aiff')).toBe(176_000);
    expect(await promised('jfk.flac')).toBe(176_000);
    expect(await promised('jfk.ogg')).toBeUndefined();
  });

  test('reads FLAC behind a tag as FLAC', async () => {
    const bytes = Buffer.concat([latin1('ID3\x04\0\0\0\0\0\x05abcde'), await readFixtureBytes('jfk.flac')]);
    expect((await hear(bytes)).format).toBe('FLAC');
  });

  test('skips tags with a picture before an MP3', async () => {
    const picture = new Uint8Array(300_000).fill(0xff);
    const [a, b, c] = [(picture.length >> 14) & 127, (picture.length >> 7) & 127, picture.length & 127];
    const tag = Buffer.concat([latin1('ID3\x04\0\0\0'), Buffer.from([a, b, c]), picture]);
    const bytes = Buffer.concat([tag, await readFixtureBytes('jfk.mp3')]);
    const heard = await hear(bytes);
    expect(heard.format).toBe('MP3');
    expect(Math.abs((heard.channels[0]?.length ?? 0) - 176_000)).toBeLessThan(3_000);
  });

  test('fails but with our errors, whatever bytes follow a magic number', async () => {
    const magics = [
      'RIFF\0\0\0\0WAVE',
      'FORM\0\0\0\0AIFF',
      'fLaC',
      'OggS\0\x02',
      'ID3\x04\0\0',
      '\xff\xfb\x90\x64',
      '\0\0\0\x18ftypM4A ',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 3_000 }), async (magic, rest) => {
        const bytes = Buffer.concat([latin1(magic), rest]);
        await expect(hear(bytes)).rejects.toBeInstanceOf(ScriptoriumError);
      }),
      { numRuns: 60 },
    );
  });
});
