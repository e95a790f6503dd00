import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { keep, str } from '../ocsf/codec.ts';
import { defineFieldMap } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Family } from '../types.ts';

// https://falco.org/docs/concepts/outputs/formatting/

const SEVERITIES: Readonly<Record<string, number>> = {
  emergency: 6,
  alert: 5,
  critical: 5,
  error: 4,
  warning: 3,
  notice: 2,
  informational: 1,
  debug: 1,
};

const MAP = defineFieldMap(
  [
    ['uuid', 'finding_info.uid', keep(str)],
    ['rule', 'finding_info.title'],
    ['output', 'finding_info.desc'],
    ['hostname', 'device.hostname'],
    ['priority', 'severity'],
  ],
  { 'metadata.product.name': 'Falco', 'metadata.product.vendor_name': 'Falcosecurity' },
);

/** Falco's alerts; `output_fields` holds what its rule saw, under Falco's own names. */
export const falcoFamily: Family = defineFamily({
  name: 'falco',
  title: 'Falco',
  maps: { alert: MAP },
  kind: () => 'alert',
  time: (fields, context) => isoTime(fields['time'], context),
  fill(fields, draft) {
    draft.classUid = 2004;
    draft.activityId = 1;
    draft.severityId = entryOf(SEVERITIES, (textAt(fields, 'priority') ?? '').toLowerCase()) ?? 0;
    draft.message = textAt(fields, 'rule');
    if (fields['uuid'] === undefined)
      draft.set('finding_info.uid', `${textOf(fields['time'])}/${textOf(fields['rule'])}`);
  },
});

export const falco: JsonSource = {
  name: 'falco',
  title: 'Falco alerts',
  families: [falcoFamily],
  oracle: '1 raw/OCSF pair',
  shape: 'json',
  accepts: (value) =>
    typeof value['rule'] === 'string' &&
    typeof value['priority'] === 'string' &&
    typeof value['output'] === 'string' &&
    value['output_fields'] !== undefined,
  parse: (value) => ({ family: falcoFamily.name, fields: value }),
};

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
