/** The tables of docs/live-protocol.md, made of the schemas that check the messages. */
import { z } from 'zod';
import { CLOSE_CODES } from '../../src/protocol/live/close-codes.ts';
import { LIVE_CLIENT_MESSAGES } from '../../src/protocol/live/client-messages.ts';
import { LIVE_CONTROLS, LIVE_EVENTS } from '../../src/protocol/live/server-messages.ts';

type Row = readonly string[];

/** A Markdown table; prettier sets its spaces. */
function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

const code = (text: string): string => `\`${text}\``;

/** The parts of a JSON schema that the tables show. */
interface Field {
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly default?: string | number | boolean | undefined;
  readonly anyOf?: readonly Field[] | undefined;
  readonly items?: Field | undefined;
  readonly properties?: Readonly<Record<string, Field>> | undefined;
  readonly required?: readonly string[] | undefined;
}

const Field: z.ZodType<Field> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    description: z.string().optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    maxLength: z.number().optional(),
    maxItems: z.number().optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    anyOf: z.array(Field).optional(),
    items: Field.optional(),
    properties: z.record(z.string(), Field).optional(),
    required: z.array(z.string()).optional(),
  }),
);

/** Told of all messages together. */
const NAMED_ABOVE = ['type', 'seq'];
const MOST = Number.MAX_SAFE_INTEGER;

function kindOf(field: Field): string {
  const { anyOf, enum: names, minimum, maximum, maxLength, maxItems, type = 'any', items } = field;
  if (anyOf !== undefined) return anyOf.map(kindOf).join(' or ');
  if (names !== undefined) return names.map((one) => code(String(one))).join(', ');
  if (type === 'array') {
    const inner = items?.type === 'object' ? 'objects' : 'strings';
    return maxItems === undefined ? `list of ${inner}` : `list of at most ${maxItems} ${inner}`;
  }
  if (type === 'integer' || type === 'number')
    return [type, rangeOf(minimum, maximum)].filter((part) => part !== '').join(' ');
  return maxLength === undefined ? type : `${type} of at most ${maxLength}`;
}

function rangeOf(minimum: number | undefined, maximum: number | undefined): string {
  const from = minimum === undefined || minimum <= -MOST ? undefined : minimum;
  const to = maximum === undefined || maximum >= MOST ? undefined : maximum;
  if (from === undefined) return to === undefined ? '' : `≤ ${to}`;
  return to === undefined ? `≥ ${from}` : `${from}–${to}`;
}

/** A row a field, inner fields behind their own by their whole name. */
function rowsOf(field: Field, prefix: string, required: readonly string[], io: 'input' | 'output'): readonly Row[] {
  return Object.entries(field.properties ?? {}).flatMap(([name, one]) => {
    if (NAMED_ABOVE.includes(name) && (one.const !== undefined || io === 'output')) return [];
    const whole = `${prefix}${name}`;
    const about = [one.description ?? '', one.default === undefined ? '' : `Without it ${code(String(one.default))}.`];
    const inner = one.type === 'array' ? one.items : one;
    return [
      [code(whole), required.includes(name) ? 'yes' : 'no', kindOf(one), about.filter((part) => part !== '').join(' ')],
      ...rowsOf(inner ?? {}, one.type === 'array' ? `${whole}[].` : `${whole}.`, inner?.required ?? [], io),
    ];
  });
}

/** A heading, what the message is for, and its fields. */
function messageSection(name: string, schema: z.ZodType, io: 'input' | 'output'): string {
  const field = Field.parse(z.toJSONSchema(schema, { io }));
  const rows = rowsOf(field, '', field.required ?? [], io);
  const fields =
    rows.length === 0 ? '' : `\n${table(['Field', io === 'input' ? 'Needed' : 'Always', 'Type', 'Is'], rows)}`;
  return `#### ${name}\n\n${field.description ?? ''}\n${fields}`;
}

const sections = (messages: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): readonly string[] =>
  Object.entries(messages).map(([name, schema]) => messageSection(name, schema, io));

export const clientSections = (): readonly string[] => sections(LIVE_CLIENT_MESSAGES, 'input');
export const eventSections = (): readonly string[] => sections(LIVE_EVENTS, 'output');
export const controlSections = (): readonly string[] => sections(LIVE_CONTROLS, 'output');

export const closeTable = (): string =>
  table(
    ['Code', 'Name', 'Final', 'Errors', 'Means'],
    CLOSE_CODES.map(({ code: number, name, final, errors, meaning }) => [
      String(number),
      name,
      final ? 'yes' : 'no',
      errors.map(code).join(', '),
      meaning,
    ]),
  );
