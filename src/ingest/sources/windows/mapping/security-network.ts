import { int, keep, words } from '../../../ocsf/codec.ts';
import type { Row } from '../../../ocsf/field-map.ts';
import { baseName } from './codecs.ts';
import { type Plan, byActivity, sameFor } from './plan.ts';
import { CLIENT, SUBJECT, file } from './rows.ts';

/** The filtering platform writes its directions as numbers of messages: inbound, outbound. */
const DIRECTIONS = { '%%14592': 1, '%%14593': 2 };

/** Connections as the Windows Filtering Platform sees them. */
const FILTERED: readonly Row[] = [
  ['ProcessID', 'actor.process.pid', int],
  ...file('Application', 'actor.process.file'),
  ['SourceAddress', 'src_endpoint.ip'],
  ['SourcePort', 'src_endpoint.port'],
  ['DestAddress', 'dst_endpoint.ip'],
  ['DestPort', 'dst_endpoint.port'],
  ['Protocol', 'connection_info.protocol_num'],
  ['Direction', 'connection_info.direction'],
  ['Direction', 'connection_info.direction_id', keep(words(DIRECTIONS))],
];

/** The same for events that are about one's own port, which write `ProcessId`. */
const BOUND: readonly Row[] = [
  ['ProcessId', 'actor.process.pid', int],
  ...file('Application', 'actor.process.file'),
  ['SourceAddress', 'src_endpoint.ip'],
  ['SourcePort', 'src_endpoint.port'],
  ['Protocol', 'connection_info.protocol_num'],
];

/** Connections, shares and their files. */
export const NETWORK: readonly [string, Plan][] = [
  ...byActivity(
    { 'security/5156': 1, 'security/5157': 5, 'security/5152': 5, 'security/5153': 5 },
    { classUid: 4001, rows: FILTERED },
  ),
  ...byActivity(
    { 'security/5154': 7, 'security/5155': 5, 'security/5158': 99, 'security/5159': 5 },
    { classUid: 4001, rows: BOUND },
  ),
  ...sameFor(['security/5140', 'security/5142', 'security/5143', 'security/5144', 'security/5145', 'security/5168'], {
    classUid: 4006,
    activityId: 99,
    host: 'dst_endpoint.hostname',
    rows: [
      ...SUBJECT,
      ...CLIENT,
      ['ShareName', 'share'],
      ['RelativeTargetName', 'file.path'],
      ['RelativeTargetName', 'file.name', keep(baseName)],
    ],
  }),
];
