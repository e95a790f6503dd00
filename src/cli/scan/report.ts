import type { CliIo } from '../io.ts';
import { bytes, count, duration, plural } from '../output/numbers.ts';
import type { RuleTable } from '../output/rule-table.ts';
import { paint, printable } from '../output/style.ts';
import type { ScanTotals } from './types.ts';

/** What was read, what was not, and how fast: for standard error. */
export function summary(io: CliIo, totals: ScanTotals, found: RuleTable, seconds: number): string {
  const rejected = Object.values(totals.rejected).reduce((sum, one) => sum + one, 0);
  const lines = [
    `Read ${plural(totals.records, 'record')} (${bytes(totals.bytes)}) from ${plural(totals.files, 'file')} in ${duration(seconds)}, ${count(totals.records / Math.max(seconds, 0.001))} events/s.`,
    found.total === 0
      ? 'No rule matched. That says nothing about what the rules do not look for.'
      : `Found ${plural(found.total, 'match', 'matches')}: ${found.levels()}.`,
  ];
  if (rejected > 0) lines.push(...rejectedLines(totals, rejected));
  if (totals.regexInputsCut > 0)
    lines.push(
      `${plural(totals.regexInputsCut, 'text')} longer than 64 KiB: regular expressions saw the beginning alone.`,
    );
  for (const { file, member, text } of totals.notices)
    lines.push(`Passed over: ${printable(nameOf(file, member))}: ${text}.`);
  for (const { file, member, text, advice } of totals.problems) {
    const named = text.startsWith(file) ? text : `${nameOf(file, member)}: ${text}`;
    lines.push(
      paint(io, `Not read to its end: ${printable(named)}${advice === undefined ? '' : `; ${advice}`}.`, 'yellow'),
    );
  }
  return `${lines.join('\n')}\n`;
}

function nameOf(file: string, member: string | null): string {
  return member === null ? file : `${file} (${member})`;
}

function rejectedLines(totals: ScanTotals, rejected: number): string[] {
  const codes = Object.entries(totals.rejected).map(([code, number]) => `${code} ${count(number)}`);
  const lines = [`Not understood: ${plural(rejected, 'record')} (${codes.join(', ')}); for example:`];
  for (const { file, member, record, reason } of totals.rejectSamples)
    lines.push(`  ${printable(file)}${member === null ? '' : ` (${printable(member)})`}, record ${record}: ${reason}`);
  return lines;
}
