/**
 * An origin as browsers write it in `Origin`: scheme, host, and a port that is not the scheme's own, in small letters. `*` stands for
 * all of them, `null` for pages that have none. Apps have schemes of their own (`capacitor://localhost`).
 *
 * @returns undefined for what no browser would ever send.
 */
export function originOf(text: string): string | undefined {
  if (text === '*' || text === 'null') return text;
  if (!/^[a-z][a-z\d+.-]*:\/\/[^\s/\\?#@*]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, host } = new URL(text);
  return host === '' ? undefined : `${protocol}//${host}`;
}
