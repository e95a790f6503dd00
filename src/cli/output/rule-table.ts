import type { RuleHead } from '#detect/sigma';
import type { CliIo } from '../io.ts';
import { count, time } from './numbers.ts';
import { LEVELS, paint, paintLevel, printable } from './style.ts';
import { type Column, table } from './table.ts';
import { wrap } from './wrap.ts';

/** What is shown of a rule: with every match its author, title and id, as rule licences (DRL 1.1) ask. */
export type ShownRule = Pick<RuleHead, 'id' | 'title' | 'level' | 'tags'> & { author?: string | null | undefined };

interface RuleRow {
  rule: ShownRule;
  findings: number;
  firstMs: number;
  lastMs: number;
  /** Ledger indexes of the first findings; empty where there is no ledger. */
  entries: number[];
}

/** Indexes named under a rule; all of them stand in the ledger. */
const ENTRIES_NAMED_MAX = 8;

const TIME_WIDTH = 20;
const COUNT_WIDTH = 8;
const TACTIC_WIDTH = 20;
const RULE_WIDTH_MIN = 24;
const RULE_WIDTH_MAX = 72;
/** Below the first the tactic moves under the title, below the second the last time, too. */
const COLUMNS_FOR_TACTIC = 118;
const COLUMNS_FOR_LAST_SEEN = 112;

/** Findings counted by rule, so that the table needs no memory for each of them. */
export class RuleTable {
  readonly #rows = new Map<string, RuleRow>();
  readonly #byLevel = new Map<string, number>();

  /** One finding: its time in ms since the epoch, null when none is stated; `entry` is where it stands in a ledger. */
  add(rule: ShownRule, { timeMs, entry }: { timeMs: number | null; entry?: number | undefined }): void {
    this.#byLevel.set(rule.level, (this.#byLevel.get(rule.level) ?? 0) + 1);
    const row = this.#rows.get(rule.id) ?? {
      rule,
      findings: 0,
      firstMs: Number.NaN,
      lastMs: Number.NaN,
      entries: [],
    };
    const ms = timeMs ?? Number.NaN;
    row.findings += 1;
    row.firstMs = earlier(row.firstMs, ms);
    row.lastMs = -earlier(-row.lastMs, -ms);
    if (entry !== undefined && row.entries.length < ENTRIES_NAMED_MAX) row.entries.push(entry);
    this.#rows.set(rule.id, row);
  }

  /** Most urgent first, then by number of findings; an empty text without findings. */
  render(io: CliIo): string {
    const rows = [...this.#rows.values()].toSorted(byUrgency);
    if (rows.length === 0) return '';
    const layout = layoutFor(io.columns, rows);
    const lines = rows.map((row) => linesOf(row, layout, io));
    const painted = table(
      layout.columns,
      lines.flatMap(({ cells }) => cells),
      (text, _row, column) => {
        const level = LEVELS.find((one) => one === text.trim());
        return column === 0 && level !== undefined ? paintLevel(io, level, text) : text;
      },
    ).trimEnd();
    const [header = '', ...body] = painted.split('\n');
    const shown = [header];
    for (const { cells, below } of lines) shown.push(...body.splice(0, cells.length), ...below);
    return `${shown.join('\n')}\n`;
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

interface Layout {
  columns: Column[];
  ruleWidth: number;
  /** Where the RULE column begins, and how much room is right of it. */
  offset: number;
  room: number;
  tactic: boolean;
  lastSeen: boolean;
}

function layoutFor(width: number, rows: readonly RuleRow[]): Layout {
  const tactic = width >= COLUMNS_FOR_TACTIC;
  const lastSeen = width >= COLUMNS_FOR_LAST_SEEN;
  const levelWidth = Math.max(5, ...rows.map(({ rule }) => rule.level.length));
  const offset = levelWidth + 2 + COUNT_WIDTH + 2;
  const right = (tactic ? TACTIC_WIDTH + 2 : 0) + (TIME_WIDTH + 2) * (lastSeen ? 2 : 1);
  const ruleWidth = Math.max(RULE_WIDTH_MIN, Math.min(RULE_WIDTH_MAX, width - offset - right));
  const columns: Column[] = [
    { title: 'LEVEL', width: levelWidth },
    { title: 'FINDINGS', width: COUNT_WIDTH, align: 'right' },
    { title: 'RULE', width: ruleWidth },
    ...(tactic ? [{ title: 'TACTIC', width: TACTIC_WIDTH }] : []),
    { title: 'FIRST SEEN (UTC)', width: TIME_WIDTH },
    ...(lastSeen ? [{ title: 'LAST SEEN (UTC)', width: TIME_WIDTH }] : []),
  ];
  return { columns, ruleWidth, offset, room: Math.max(RULE_WIDTH_MIN, width - offset), tactic, lastSeen };
}

/** A row of cells, further ones where the title is long, and below them what else is to be said of the rule. */
function linesOf(row: RuleRow, layout: Layout, io: CliIo): { cells: string[][]; below: string[] } {
  const { rule, findings, firstMs, lastMs } = row;
  const [title = '', ...rest] = wrap(printable(rule.title), layout.ruleWidth).split('\n');
  const tactic = tacticOf(rule.tags);
  const first = [
    rule.level,
    count(findings),
    title,
    ...(layout.tactic ? [tactic] : []),
    Number.isNaN(firstMs) ? 'no time stated' : time(firstMs),
    ...(layout.lastSeen ? [Number.isNaN(lastMs) ? '' : time(lastMs)] : []),
  ];
  const said = [
    layout.tactic ? '' : tactic,
    layout.lastSeen || Number.isNaN(lastMs) || time(lastMs) === time(firstMs) ? '' : `last seen ${time(lastMs)}`,
    (rule.author ?? '') === '' ? '' : `by ${printable(rule.author ?? '')}`,
    rule.id,
    entriesOf(row),
  ].filter((one) => one !== '');
  const indent = ' '.repeat(layout.offset);
  const below = wrap(said.join(' · '), layout.room).split('\n');
  return {
    cells: [first, ...rest.map((line) => ['', '', line])],
    below: below.map((line) => indent + paint(io, line, 'dim')),
  };
}

function entriesOf({ entries, findings }: RuleRow): string {
  if (entries.length === 0) return '';
  const more = findings > entries.length ? ` and ${count(findings - entries.length)} more` : '';
  return `${entries.length === 1 ? 'entry' : 'entries'} ${entries.join(', ')}${more}`;
}

function byUrgency(a: RuleRow, b: RuleRow): number {
  const urgency = LEVELS.indexOf(a.rule.level) - LEVELS.indexOf(b.rule.level);
  return urgency || b.findings - a.findings || compare(a.rule.title, b.rule.title) || compare(a.rule.id, b.rule.id);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function earlier(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.min(a, b);
}

/** The ATT&CK tactic of a rule's tags in words: `attack.credential-access` → `Credential Access`; empty where none is named. */
export function tacticOf(tags: readonly string[]): string {
  const tactic = tags.find((tag) => tag.startsWith('attack.') && !/^attack\.[tgsm]\d/.test(tag));
  if (tactic === undefined) return '';
  const words = tactic.slice('attack.'.length).split(/[-_]/);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}
