import type { Row } from '../../../ocsf/field-map.ts';
import type { NativeFields } from '../../../types.ts';
import type { HostCopy } from './rows.ts';

/** What one kind of event becomes. */
export interface Plan {
  readonly classUid: number;
  readonly activityId: number | ((fields: NativeFields) => number);
  readonly rows: readonly Row[];
  readonly constants?: Readonly<Record<string, unknown>>;
  /** The host of the event is also this end of a connection. */
  readonly host?: HostCopy;
  /** `audit` (default for the Security log): success or failure as the audit keyword says. */
  readonly status?: 1 | 2 | 'audit' | ((fields: NativeFields) => number | undefined);
  /** Where it is not what the level says. */
  readonly severityId?: number | ((fields: NativeFields) => number);
}

/** One plan for several kinds. */
export function sameFor(kinds: readonly string[], plan: Plan): [string, Plan][] {
  return kinds.map((kind) => [kind, plan]);
}

/** One form of event whose numbers differ in the activity alone. */
export function byActivity(
  activities: Readonly<Record<string, number>>,
  plan: Omit<Plan, 'activityId'>,
): [string, Plan][] {
  return Object.entries(activities).map(([kind, activityId]) => [kind, { ...plan, activityId }]);
}
