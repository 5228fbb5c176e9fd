/** Where sound is, which all processes of a site must have alike: the first writes it down, those that differ are refused while it runs. */
import { randomUUID } from 'node:crypto';
import { ScriptoriumError } from '../../core/index.ts';
import type { Link } from './link/link.ts';

interface Sides {
  readonly main: Link;
  /** The same where sound has no Redis of its own. */
  readonly audio: Link;
  readonly prefix: string;
  /** Where they are, for messages. */
  readonly label: string;
  readonly audioLabel: string;
}

/**
 * The Redis for audio has an id, which the main one knows. As it need not keep anything, it may lose that; so every process listens for
 * the id in both: where somebody does it is this one still, and an id that nobody listens for binds nobody.
 *
 * @throws ScriptoriumError `broker-refused` when others that run have their sound elsewhere.
 */
export async function agreeOnAudio({ main, audio, prefix, label, audioLabel }: Sides): Promise<void> {
  const [idKey, agreedKey] = [`${prefix}{audio-id}`, `${prefix}{audio}`];
  const usedBy = (id: string): string => `${prefix}audio:${id}:used`;
  const hereFor = (id: string): string => `${prefix}audio:${id}:here`;
  const refused = (): ScriptoriumError =>
    new ScriptoriumError(
      'broker-refused',
      `The other processes of the site at ${label} under ${prefix} have their sound in another Redis than ${audioLabel}; ` +
        'give all of them the same --broker-audio, or none. To change it stop all of them first',
    );

  const known = await main.read(agreedKey);
  let own = await audio.read(idKey);
  if (known !== undefined && own !== known) {
    if ((await audio.listeners(hereFor(known))) > 0) {
      await audio.agree(idKey, known);
      own = known;
    }
    // It gets no id before it is known to be the right one: others may just be about to come back to it.
    else if (own === undefined && (await main.listeners(usedBy(known))) > 0) throw refused();
  }
  own ??= await audio.agree(idKey, randomUUID());

  // First: who asks whether anybody listens then knows of this one, or is known to it.
  const listening = [main.news.listen(usedBy(own), () => {}), audio.news.listen(hereFor(own), () => {})];
  await Promise.all(listening.map(({ ready }) => ready));
  const agreed = await main.agree(agreedKey, own);
  if (agreed === own) return;
  const isUsed = (await main.listeners(usedBy(agreed))) > 0;
  if (isUsed || (await main.replace(agreedKey, agreed, own, usedBy(agreed))) !== own) throw refused();
}
