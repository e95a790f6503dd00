import { count } from '../../kit/numbers.ts';

/** What the server sends for a DuckDB timestamp: UTC, as its SQL has it. */
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?Z$/;

/** A cell as text: times in UTC without what is zero, numbers grouped, objects as JSON, nothing for null. */
export function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return count(cell);
  if (typeof cell !== 'string') return JSON.stringify(cell);
  const [, day, clock, fraction = ''] = TIMESTAMP.exec(cell) ?? [];
  if (day === undefined || clock === undefined) return cell;
  const parts = fraction.replace(/0+$/, '');
  const isDay = clock === '00:00:00' && parts.length <= 1;
  return isDay ? day : `${day} ${parts.length <= 1 ? clock : clock + parts}`;
}
