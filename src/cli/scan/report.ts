import type { CliIo } from '../io.ts';
import { bytes, count, duration, plural, time } from '../output/numbers.ts';
import { LEVELS, type Level, paint, paintLevel, printable } from '../output/style.ts';
import { table } from '../output/table.ts';
import type { Finding } from './findings.ts';
import type { ScanTotals } from './scan.ts';

interface RuleRow {
  title: string;
  level: Level;
  tactic: string;
  findings: number;
  firstMs: number;
  lastMs: number;
}

/** Counts findings by rule, so that the table needs no memory for each of them. */
export class FindingTable {
  readonly #rows = new Map<string, RuleRow>();
  readonly #byLevel = new Map<string, number>();

  add(finding: Finding): void {
    const { rule, event } = finding;
    const ms = event.time === null ? Number.NaN : Date.parse(event.time);
    this.#byLevel.set(rule.level, (this.#byLevel.get(rule.level) ?? 0) + 1);
    const row = this.#rows.get(rule.id) ?? {
      title: rule.title,
      level: LEVELS.find((level) => level === rule.level) ?? 'informational',
      tactic: tacticOf(rule.tags),
      findings: 0,
      firstMs: Number.NaN,
      lastMs: Number.NaN,
    };
    row.findings += 1;
    row.firstMs = earlier(row.firstMs, ms);
    row.lastMs = -earlier(-row.lastMs, -ms);
    this.#rows.set(rule.id, row);
  }

  /** Most urgent first, then by number of findings. */
  render(io: CliIo): string {
    const rows = [...this.#rows.values()].toSorted(
      (a, b) =>
        LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || b.findings - a.findings || (a.title < b.title ? -1 : 1),
    );
    if (rows.length === 0) return '';
    const fixed = 13 + 8 + 20 + 20 + 20 + 2 * 5;
    const columns = [
      { title: 'LEVEL', width: 13 },
      { title: 'FINDINGS', width: 8, align: 'right' as const },
      { title: 'RULE', width: Math.max(24, Math.min(64, io.columns - fixed)) },
      { title: 'TACTIC', width: 20 },
      { title: 'FIRST SEEN (UTC)', width: 20 },
      { title: 'LAST SEEN (UTC)', width: 20 },
    ];
    const cells = rows.map((row) => [
      row.level,
      count(row.findings),
      row.title,
      row.tactic,
      Number.isNaN(row.firstMs) ? 'no time stated' : time(row.firstMs),
      Number.isNaN(row.lastMs) ? '' : time(row.lastMs),
    ]);
    return table(columns, cells, (text, row, column) =>
      column === 0 ? paintLevel(io, rows[row]?.level ?? 'informational', text) : text,
    );
  }

  /** `3 critical, 12 high` */
  levels(): string {
    return LEVELS.flatMap((level) => {
      const found = this.#byLevel.get(level);
      return found === undefined ? [] : [`${count(found)} ${level}`];
    }).join(', ');
  }

  get total(): number {
    return [...this.#byLevel.values()].reduce((sum, found) => sum + found, 0);
  }
}

function earlier(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.min(a, b);
}

/** The ATT&CK tactic of a rule's tags in words: `attack.credential-access` → `Credential Access`. */
export function tacticOf(tags: readonly string[]): string {
  const tactic = tags.find((tag) => tag.startsWith('attack.') && !/^attack\.[tgsm]\d/.test(tag));
  if (tactic === undefined) return '';
  const words = tactic.slice('attack.'.length).split(/[-_]/);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}

/** What was read, what was not, and how fast: for standard error. */
export function summary(io: CliIo, totals: ScanTotals, found: FindingTable, seconds: number): string {
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
  for (const { file, member, text, advice } of totals.problems) {
    const where = member === null ? file : `${file} (${member})`;
    const named = text.startsWith(file) ? text : `${where}: ${text}`;
    lines.push(
      paint(io, `Not read to its end: ${printable(named)}${advice === undefined ? '' : `; ${advice}`}.`, 'yellow'),
    );
  }
  return `${lines.join('\n')}\n`;
}

function rejectedLines(totals: ScanTotals, rejected: number): string[] {
  const codes = Object.entries(totals.rejected).map(([code, number]) => `${code} ${count(number)}`);
  const lines = [`Not understood: ${plural(rejected, 'record')} (${codes.join(', ')}); for example:`];
  for (const { file, member, record, reason } of totals.rejectSamples)
    lines.push(`  ${printable(file)}${member === null ? '' : ` (${printable(member)})`}, record ${record}: ${reason}`);
  return lines;
}
