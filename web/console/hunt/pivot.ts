import type { HuntResult } from '../../../src/console/api.ts';
import { cellText } from './cell-text.ts';

/** Values along the axis, and series, that a picture draws; more are left out and said to be. */
export const AXIS_VALUES_MAX = 200;
const SERIES_MAX = 12;

export interface Pivot {
  axis: string;
  value: string;
  series: string[];
  /** One a value of the axis, in the order in which they first came: `{ axis: label, [series]: number }`. */
  points: Record<string, string | number>[];
  isCut: boolean;
}

/** Name under which a point carries its label: no column of a result can have it. */
export const AXIS = '\0axis';

/**
 * A result as something to draw: the first column that is not a number is the axis, a second one splits into series, the
 * first number is the value (the last, when all are numbers). Null when there is no column to go by or no number.
 */
export function pivot(result: HuntResult, isNumeric: (type: string) => boolean): Pivot | null {
  const numbers = result.columns.flatMap(({ type }, at) => (isNumeric(type) ? [at] : []));
  const words = result.columns.flatMap(({ type }, at) => (isNumeric(type) ? [] : [at]));
  const valueAt = words.length === 0 ? numbers.at(-1) : numbers[0];
  const axisAt = words[0] ?? numbers.find((at) => at !== valueAt);
  const splitAt = words[1];
  if (valueAt === undefined || axisAt === undefined || result.rows.length === 0) return null;
  const valueName = result.columns[valueAt]?.name ?? '';
  const points = new Map<string, Record<string, string | number>>();
  const series = new Set<string>();
  let isCut = false;
  for (const row of result.rows) {
    const label = labelOf(row[axisAt]);
    const name = splitAt === undefined ? valueName : labelOf(row[splitAt]);
    const isRoom =
      (points.has(label) || points.size < AXIS_VALUES_MAX) && (series.has(name) || series.size < SERIES_MAX);
    if (!isRoom) {
      isCut = true;
      continue;
    }
    series.add(name);
    const point = points.get(label) ?? { [AXIS]: label };
    point[name] = Number(point[name] ?? 0) + Number(row[valueAt] ?? 0);
    points.set(label, point);
  }
  return {
    axis: result.columns[axisAt]?.name ?? '',
    value: valueName,
    series: [...series],
    points: [...points.values()],
    isCut,
  };
}

function labelOf(cell: unknown): string {
  return cell === null || cell === undefined ? '–' : cellText(cell);
}
