/** The parts of a form as clients write them: one name can stand for a value, a list or an object. */

/** Names and values of the text parts, in the order in which they came. */
export type FormFields = readonly (readonly [name: string, value: string])[];

/** The last value of a field that should come once; undefined when there is none or it is empty, as clients send what they leave out. */
export function oneValue(fields: FormFields, name: string): string | undefined {
  const value = fields.findLast(([key]) => key === name)?.[1];
  return value === undefined || value.trim() === '' ? undefined : value;
}

/**
 * All values of a list, in the four spellings that clients use: `name[]` or `name` repeated, `name[0]`, and several in one value,
 * parted by commas. Empty ones are left out.
 */
export function listValues(fields: FormFields, name: string): string[] {
  const index = new RegExp(`^${name}(\\[\\d*\\])?$`);
  return fields
    .filter(([key]) => index.test(key))
    .flatMap(([, value]) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

/** `name[key]` parts as an object of texts, whatever their keys: the schema knows which are right. Undefined when there are none. */
export function objectValue(fields: FormFields, name: string): Record<string, string> | undefined {
  const entries = fields.flatMap(([key, value]): [string, string][] => {
    const inner = key.startsWith(`${name}[`) && key.endsWith(']') ? key.slice(name.length + 1, -1) : '';
    return inner === '' ? [] : [[inner, value]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** A text that says yes or no, in the spellings of forms; anything else stays the text that it is. */
export function asBoolean(value: string | undefined): boolean | string | undefined {
  const word = value?.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : value;
}

/** A text that is a number; anything else stays the text that it is. */
export function asNumber(value: string | undefined): number | string | undefined {
  if (value === undefined || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return value;
  return Number(value);
}

/** A text that is a JSON object; anything else stays the text that it is. */
export function asObject(value: string | undefined): unknown {
  if (value === undefined || !value.trimStart().startsWith('{')) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
