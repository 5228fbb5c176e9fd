import { OPTION_GROUPS, OPTION_LIST, type Option } from '../config/index.ts';
import type { Command } from './command.ts';
import type { Style } from './terminal/style.ts';

/** Help never gets wider than this, and never narrower than the other: long lines read badly, short ones break oddly. */
const WIDEST = 100;
const NARROWEST = 50;
const INDENT = 2;
/** Options whose left side is longer get their text on the next line. */
const LEFT_COLUMN = 27;

/** Help for the whole: what people come for first, then the commands. */
export function mainHelp(commands: readonly Command[], version: string, style: Style, columns: number): string {
  const width = fit(columns);
  const examples = commands.flatMap((command) => command.examples.slice(0, command.name === 'transcribe' ? 3 : 1));
  return [
    `scriptorium ${version}: speech to text on your own machine\n`,
    heading('Examples', style),
    pairs(examples, width),
    heading('Commands', style),
    pairs(
      commands.map(({ name, summary }) => [name, summary]),
      width,
    ),
    heading('Everywhere', style),
    pairs(
      [
        ['-h, --help', 'help, also for one command: scriptorium transcribe --help'],
        ['-V, --version', 'the version; with --verbose, of every part'],
        ['--config FILE', 'settings from this file in place of scriptorium.config.json'],
      ],
      width,
    ),
  ].join('\n');
}

/** Help for one command: examples, then every option under its heading. */
export function commandHelp(command: Command, style: Style, columns: number): string {
  const width = fit(columns);
  const parts = [
    heading('Examples', style),
    pairs(command.examples, width),
    heading('Usage', style),
    `  scriptorium ${command.name} [options] ${command.usage}`.trimEnd() + '\n',
    ...command.about.map((paragraph) => `${wrap(paragraph, width, 0)}\n`),
  ];
  for (const group of OPTION_GROUPS) {
    const options = OPTION_LIST.filter(([name, option]) => option.group === group && command.options.includes(name));
    if (options.length === 0) continue;
    parts.push(heading(group, style));
    parts.push(
      pairs(
        options.map(([, option]) => [leftSide(option), rightSide(option)]),
        width,
        LEFT_COLUMN,
      ),
    );
  }
  return parts.join('\n');
}

const fit = (columns: number): number => Math.min(WIDEST, Math.max(NARROWEST, columns));
const heading = (text: string, style: Style): string => style.bold(`${text}:`);

function leftSide(option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const negatable = option.value === undefined && option.default === true ? '[no-]' : '';
  return `${short}--${negatable}${option.flag}${option.value === undefined ? '' : ` ${option.value}`}`;
}

/** What it does and what it is unless asked otherwise; options that are off need no telling. */
function rightSide(option: Option): string {
  const usual = option.defaultText ?? defaultText(option.default);
  return usual === '' ? option.doc : `${option.doc} [${usual}]`;
}

function defaultText(value: Option['default']): string {
  if (value === undefined || value === false) return '';
  if (value === true) return 'on';
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** Two columns: what to type, and what it does. */
function pairs(rows: readonly (readonly [string, string])[], width: number, most = Math.floor(width / 2)): string {
  const longest = Math.max(...rows.map(([left]) => left.length));
  const column = Math.min(longest, most);
  const lines = rows.map(([left, right]) => {
    const text = wrap(right, width, INDENT + column + 2).trimStart();
    const gap = left.length > column ? `\n${' '.repeat(INDENT + column + 2)}` : ' '.repeat(column - left.length + 2);
    return `${' '.repeat(INDENT)}${left}${gap}${text}\n`;
  });
  return lines.join('');
}

/** Breaks text between words so that no line passes `width`; every line is indented. */
function wrap(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((each) => ' '.repeat(indent) + each).join('\n');
}
