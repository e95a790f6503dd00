import { kindOf } from '../../ocsf/draft.ts';
import type { Family } from '../../types.ts';
import { windowsKind } from './kind.ts';
import { fieldMap, mapEvent, namingFrom } from './mapping/mapping.ts';
import { clocksDiffer, windowsTime } from './time.ts';

/**
 * Events of Windows (and of Sysmon for Linux), from whatever envelope. Native fields: the log's own names at top level,
 * `EventID` a number, and the fields of EventData or UserData beside them.
 */
export const windows: Family = {
  name: 'windows',
  title: 'Windows events',
  kind: windowsKind,
  time: windowsTime,
  map(fields, draft, context) {
    mapEvent(fields, windowsKind(fields), draft);
    if (fields['UtcTime'] !== undefined && clocksDiffer(fields, context)) draft.label('time:utctime-differs');
  },
  unmap: (event) => fieldMap(kindOf(event), namingFrom(event.metadata.log_version)).unmap(event),
};
