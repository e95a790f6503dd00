import { textAt } from '../native-value.ts';
import { ip } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { DEVICE_ROWS, envelopeFields, headerTime, setTransmitTime } from '../syslog/fields.ts';
import { dashedTime } from '../time-text.ts';
import { isoTime } from '../time.ts';
import type { Family, NativeFields } from '../types.ts';

// BIND 9 Administrator Reference Manual, "The category Phrase".

type Kind = 'query' | 'server';

const STAMP =
  /^(?<log_time>\d{1,2}-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d\.\d{1,6}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z?) /;
const MARKS = /^(?:(?<category>[a-z][a-z-]{2,30}): )?(?:(?<level>info|notice|warning|error|critical|debug \d{1,2}): )?/;
const CLIENT =
  /^client (?:(?<client>@0x[\da-f]{1,16}) )?(?<src_ip>[\da-fA-F.:]{2,45})#(?<src_port>\d{1,5})(?:\/key (?<key>[^\s:]{1,255}))?(?: \((?<name>[^)\s]{0,1024})\))?: (?:view (?<view>\S{1,64}): )?(?<rest>.*)$/s;
const QUERY =
  /^query: (?<query>\S{1,1024}) (?<record_class>[A-Z]{2,8}) (?<record_type>[A-Z0-9-]{1,16}) (?<flags>[-+]\S{0,32})(?: \((?<dst_ip>[\da-fA-F.:]{2,45})\))?/;
const FAILED =
  /^query failed \((?<reason>[^)]{1,64})\) for (?<query>[^\s/]{1,1024})\/(?<record_class>[A-Z]{2,8})\/(?<record_type>[A-Z0-9-]{1,16})/;
const QUOTED =
  /^(?<request>query|query \(cache\)|zone transfer|update|notify|update forwarding|bad zone transfer request:) '(?<query>[^'/\s]{1,1024})\/(?:(?<record_type>[A-Z0-9-]{1,16})\/)?(?<record_class>[A-Z]{2,8})'(?: (?<answer>denied|refused|approved|allowed)|: (?<reason>.*))?/;

const SERVER: readonly Row[] = [
  ['message', 'message'],
  ['category', 'metadata.log_name'],
  ['level', 'metadata.log_level'],
];
const MAPS: Readonly<Record<Kind, FieldMap>> = {
  query: bindMap([
    ...SERVER,
    ...DEVICE_ROWS,
    ['src_ip', 'src_endpoint.ip', ip],
    ['src_port', 'src_endpoint.port'],
    ['dst_ip', 'dst_endpoint.ip', ip],
    ['query', 'query.hostname'],
    ['record_type', 'query.type'],
    ['record_class', 'query.class'],
    ['reason', 'status_detail'],
  ]),
  server: bindMap([...SERVER, ...DEVICE_ROWS]),
};

function bindMap(rows: readonly Row[]): FieldMap {
  return defineFieldMap(rows, { 'metadata.product.name': 'BIND', 'metadata.product.vendor_name': 'ISC' });
}

/** BIND's log: `query`, `record_type`, `record_class`, `src_ip`, `src_port`, `answer`, `message`. */
export const bindFamily: Family = defineFamily<Kind>({
  name: 'bind',
  title: 'BIND',
  maps: MAPS,
  kind: (fields) => (fields['src_ip'] === undefined ? 'server' : 'query'),
  time(fields, context) {
    const stamp = textAt(fields, 'log_time');
    if (stamp === undefined) return headerTime(fields, context);
    return dashedTime(stamp, context) ?? isoTime(stamp, context);
  },
  fill(fields, draft, kind, context) {
    setTransmitTime(fields, draft, context);
    draft.severityId = 1;
    if (kind === 'server') return;
    draft.classUid = 4003;
    draft.activityId = 1;
    const answer = fields['answer'];
    const failed = answer === 'denied' || answer === 'refused' || fields['reason'] !== undefined;
    if (failed) draft.statusId = 2;
    if (answer === 'approved' || answer === 'allowed') draft.statusId = 1;
  },
});

export const bind: LineSource = {
  name: 'bind',
  title: 'BIND 9 (query, security and other logs)',
  families: [bindFamily],
  oracle: '12 real lines',
  shape: 'line',
  order: 30,
  parse(text, envelope) {
    if (envelope !== null && envelope.app !== 'named') return null;
    const stamp = STAMP.exec(text);
    if (envelope === null && stamp === null) return null;
    const behind = text.slice(stamp?.[0].length ?? 0);
    const marks = MARKS.exec(behind);
    const message = behind.slice(marks?.[0].length ?? 0);
    const client = CLIENT.exec(message)?.groups;
    if (envelope === null && client === undefined && marks?.groups?.['category'] === undefined) return null;
    const fields: NativeFields = { ...envelopeFields(envelope), message };
    const rest = client?.['rest'] ?? '';
    for (const groups of [
      stamp?.groups,
      marks?.groups,
      client,
      (QUERY.exec(rest) ?? FAILED.exec(rest) ?? QUOTED.exec(rest))?.groups,
    ])
      takeGroups(groups, fields);
    return { family: bindFamily.name, fields };
  },
};

function takeGroups(groups: Record<string, string | undefined> | undefined, fields: NativeFields): void {
  for (const name in groups) {
    const value = groups[name];
    if (value !== undefined && value !== '' && name !== 'rest') fields[name] = value;
  }
}
