/** The tables of the reference pages, made of the same tables that the product reads. */
import { COMMANDS } from '../../src/cli/commands.ts';
import { EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { envName, OPTION_GROUPS, OPTION_LIST, type Option } from '../../src/config/index.ts';
import { ERRORS } from '../../src/core/index.ts';
import { FORMAT_NAMES, FORMATS } from '../../src/transcript/index.ts';

type Row = readonly string[];

/** A Markdown table; prettier sets its spaces. */
function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

const code = (text: string): string => `\`${text}\``;

function defaultOf(option: Option): string {
  if (option.defaultText !== undefined) return option.defaultText;
  if (option.default === undefined) return '';
  const text = Array.isArray(option.default) ? option.default.join(',') : String(option.default);
  return text === '' ? '' : code(text);
}

const flagsOf = (option: Option): string =>
  [
    ...(option.short === undefined ? [] : [`-${option.short}`]),
    `--${option.flag}`,
    ...(option.aliases ?? []).map((alias) => `--${alias}`),
  ]
    .map((flag) => code(option.value === undefined ? flag : `${flag} ${option.value}`))
    .join(', ');

const meaning = ({ doc, unit }: Option): string => (unit === undefined ? doc : `${doc} (${unit})`);

/** Options of one command, under the headings of its help. */
export function optionTables(name: string): string {
  const options = COMMANDS.find((command) => command.name === name)?.options ?? [];
  return OPTION_GROUPS.flatMap((group) => {
    const rows = OPTION_LIST.filter(([key, option]) => option.group === group && options.includes(key));
    if (rows.length === 0) return [];
    return [
      `**${group}**\n\n${table(
        ['Option', 'Default', 'Does'],
        rows.map(([, option]) => [flagsOf(option), defaultOf(option), meaning(option)]),
      )}`,
    ];
  }).join('\n');
}

export const formatTable = (): string =>
  table(
    ['Format', 'File', 'Is'],
    FORMAT_NAMES.map((name) => [code(name), code(`talk${FORMATS[name].extension}`), FORMATS[name].about]),
  );

export const exitTable = (): string =>
  table(
    ['Code', 'Means'],
    EXIT_CODES.map((exit) => [String(exit.code), exit.meaning]),
  );

export const settingTable = (): string =>
  table(
    ['In the file', 'Variable', 'Flag', 'Default', 'Does'],
    OPTION_LIST.map(([name, option]) => [
      code(name),
      code(envName(option)),
      code(`--${option.flag}`),
      defaultOf(option),
      meaning(option),
    ]),
  );

export const errorTable = (): string =>
  table(
    ['Code', 'Exit code', 'HTTP status', 'Worth a retry', 'What to do'],
    Object.entries(ERRORS).map(([name, { exitCode, httpStatus, retryable, action }]) => [
      code(name),
      String(exitCode),
      String(httpStatus),
      retryable ? 'yes' : 'no',
      action,
    ]),
  );
