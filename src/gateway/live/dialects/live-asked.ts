import type { LiveTurns } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import type { LiveClientMessage } from '../../../protocol/index.ts';
import type { AskedLive } from '../dialect.ts';

type Start = Extract<LiveClientMessage, { type: 'start' }>;
type Update = Extract<LiveClientMessage, { type: 'update' }>;

/** What `start` asks for. */
export function askedByStart({ model, audio, task, prompt, keywords, ...rest }: Start): AskedLive {
  const { partials, metadata, words, continues } = rest;
  const asked = askedByUpdate(rest);
  return {
    ...asked,
    ...(model === undefined || model === null ? {} : { model }),
    ...(audio === undefined
      ? {}
      : { audio: { encoding: audio.encoding, sampleRate: audio.sample_rate, channels: audio.channels } }),
    options: {
      ...asked.options,
      ...(task === undefined ? {} : { task }),
      ...(prompt === undefined ? {} : { prompt }),
      ...(keywords === undefined ? {} : { keywords }),
    },
    ...(partials === undefined ? {} : { partials }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(words === undefined ? {} : { words }),
    ...(continues === undefined ? {} : { continues: { session: continues.session_id, bytes: continues.bytes } }),
  };
}

/** What `update` asks for: only what it names changes. */
export const askedByUpdate = ({ language, turns }: Pick<Update, 'language' | 'turns'>): AskedLive => ({
  ...(turns === undefined ? {} : { turns: turnsOf(turns) }),
  ...(language === undefined ? {} : { options: { language: language ?? 'auto' } }),
});

const turnsOf = (turns: NonNullable<Update['turns']>): Partial<LiveTurns> => ({
  ...(turns.mode === undefined ? {} : { mode: turns.mode }),
  ...(turns.threshold === undefined ? {} : { threshold: turns.threshold }),
  ...(turns.silence_ms === undefined ? {} : { silence: millis(turns.silence_ms) }),
  ...(turns.prefix_ms === undefined ? {} : { prefix: millis(turns.prefix_ms) }),
  ...(turns.max_ms === undefined ? {} : { longest: millis(turns.max_ms) }),
});
