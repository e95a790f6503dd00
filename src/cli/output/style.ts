import type { Level } from '#detect/sigma';
import type { CliIo } from '../io.ts';

type Paint = 'red' | 'yellow' | 'green' | 'blue' | 'cyan' | 'magenta' | 'dim' | 'bold';

const CODES: Record<Paint, string> = {
  red: '31',
  yellow: '33',
  green: '32',
  blue: '34',
  cyan: '36',
  magenta: '35',
  dim: '2',
  bold: '1',
};

/** Paints text where the terminal takes colours; the words alone must say everything. */
export function paint(io: CliIo, text: string, ...paints: Paint[]): string {
  if (!io.color || paints.length === 0) return text;
  return `\u001B[${paints.map((one) => CODES[one]).join(';')}m${text}\u001B[0m`;
}

const LEVEL_PAINTS: Record<Level, Paint[]> = {
  critical: ['bold', 'magenta'],
  high: ['bold', 'red'],
  medium: ['yellow'],
  low: ['cyan'],
  informational: ['dim'],
};

/** Sigma's levels in the order in which a person reads them: most urgent first. Not taken from the detection, which no command should load in order to print. */
export const LEVELS: readonly Level[] = Object.keys(LEVEL_PAINTS) as Level[];

export function paintLevel(io: CliIo, level: Level, text: string = level): string {
  return paint(io, text, ...LEVEL_PAINTS[level]);
}

/** Control characters of a log would act on the terminal: they are shown as `·`. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, '·');
}

/** As `printable`, line by line. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Cuts text to a width in columns, with an ellipsis. */
export function fit(text: string, width: number): string {
  const clean = printable(text);
  return clean.length <= width ? clean : `${clean.slice(0, Math.max(0, width - 1))}…`;
}
