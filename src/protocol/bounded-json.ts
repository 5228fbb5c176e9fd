import { ScriptoriumError } from '../core/index.ts';

export interface JsonBounds {
  /** Of the text, in UTF-16 units. */
  readonly characters: number;
  /** Objects and lists inside each other. */
  readonly depth: number;
}

/**
 * A JSON object that came over a socket. Size and depth are looked at before anything is built of it.
 *
 * @throws ScriptoriumError `frame-too-large` past `characters`; `request-invalid`, with the `rule` `invalid_json` when it is no JSON and
 *   `invalid_event` when it is too deep or no object.
 */
export function parseBoundedObject(text: string, bounds: JsonBounds): Readonly<Record<string, unknown>> {
  if (text.length > bounds.characters) {
    throw new ScriptoriumError(
      'frame-too-large',
      `a message of ${text.length} characters; ${bounds.characters} are taken`,
    );
  }
  if (isDeeper(text, bounds.depth)) {
    throw invalid('invalid_event', `the message has more than ${bounds.depth} objects and lists inside each other`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('invalid_json', 'the message is not JSON');
  }
  if (!isObject(value)) throw invalid('invalid_event', 'the message is not a JSON object');
  return value;
}

const invalid = (rule: string, message: string): ScriptoriumError =>
  new ScriptoriumError('request-invalid', message, { details: { rule } });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const BACKSLASH = 92;

/** Whether brackets outside of strings nest deeper; strings are leapt over, for they may hold megabytes of audio. */
function isDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at = stringEnd(text, at);
      if (at < 0) return false;
    } else if (character === '{' || character === '[') {
      depth++;
      if (depth > most) return true;
    } else if (character === '}' || character === ']') depth--;
  }
  return false;
}

/** Where the string that begins at `from` ends; -1 when it does not. */
function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}
