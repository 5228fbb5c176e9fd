const MAX_CHARACTERS = 200;

/** What messages and lists call a file: the last part of the path that a client gave, on one line and not endless. */
export function fileName(given: string | undefined): string {
  const last = (given ?? '').split(/[/\\]/).at(-1) ?? '';
  const plain = last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  const short = Array.from(plain).slice(0, MAX_CHARACTERS).join('');
  return short === '' || short === '.' || short === '..' ? 'upload' : short;
}
