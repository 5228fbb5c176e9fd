// OpenAI's own client for Node.js, with a server of ours: npm install openai
//   node examples/openai-node.mjs [FILE]
import { createReadStream } from 'node:fs';
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env.SCRIPTORIUM_URL ?? 'http://127.0.0.1:8080'}/v1`,
  apiKey: process.env.SCRIPTORIUM_API_KEY ?? 'any, where the server has no keys',
});
const file = process.argv[2] ?? 'examples/jfk.wav';

const { words, duration } = await client.audio.transcriptions.create({
  file: createReadStream(file),
  model: 'whisper-1',
  response_format: 'verbose_json',
  timestamp_granularities: ['word'],
});
console.log(`${words.length} words in ${duration} s; the last is "${words.at(-1).word}"`);

const events = await client.audio.transcriptions.create({
  file: createReadStream(file),
  model: 'whisper-1',
  stream: true,
});
for await (const event of events) {
  if (event.type === 'transcript.text.delta') process.stdout.write(event.delta);
}
console.log();
