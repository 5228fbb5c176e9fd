/** The bytes of a base64 text, plain or URL-safe; undefined when it is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  if (digits % 4 === 1 || (padding > 0 && text.length % 4 !== 0)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  // Node passes over what is no digit: fewer bytes come out then.
  return bytes.length === Math.floor((digits * 3) / 4) ? bytes : undefined;
}
