import { textAt } from '../native-value.ts';
import { ip, keep, notIp } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { put } from '../ocsf/native.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource, Parsed } from '../source.ts';
import { envelopeFields, HEADER_NAMES, headerTime, setTransmitTime } from '../syslog/fields.ts';
import { bsdTime } from '../time-text.ts';
import { epochTime, isoTime } from '../time.ts';
import type { Draft, EventTime, Family, NativeFields, TimeContext } from '../types.ts';
import { setVerdict, verdictOf } from './verdict.ts';

// IBM QRadar, Log Event Extended Format, versions 1.0 and 2.0.

type Kind = 'network' | 'other';

const HEADER = ['LEEFVersion', 'DeviceVendor', 'DeviceProduct', 'DeviceVersion', 'EventID'] as const;
const RESERVED: ReadonlySet<string> = new Set([...HEADER, ...HEADER_NAMES]);
const PAIRS_MAX = 1024;

const ABOUT: readonly Row[] = [
  ['DeviceVendor', 'metadata.product.vendor_name'],
  ['DeviceProduct', 'metadata.product.name', keep(notIp)],
  ['DeviceVersion', 'metadata.product.version'],
  ['EventID', 'metadata.event_code'],
];
const NETWORK: readonly Row[] = [
  ...ABOUT,
  ['src', 'src_endpoint.ip', ip],
  ['srcPort', 'src_endpoint.port'],
  ['srcMAC', 'src_endpoint.mac'],
  ['dst', 'dst_endpoint.ip', ip],
  ['dstPort', 'dst_endpoint.port'],
  ['dstMAC', 'dst_endpoint.mac'],
  ['proto', 'connection_info.protocol_name'],
  ['srcBytes', 'traffic.bytes_out'],
  ['dstBytes', 'traffic.bytes_in'],
  ['usrName', 'actor.user.name'],
];

/** LEEF under its own names: the header's parts, and the attributes as they stand (`own_…` where one is called like a part). */
export const leefFamily: Family = defineFamily<Kind>({
  name: 'leef',
  title: 'LEEF',
  maps: { network: defineFieldMap(NETWORK), other: defineFieldMap(ABOUT) },
  kind: (fields) => (fields['src'] !== undefined || fields['dst'] !== undefined ? 'network' : 'other'),
  time: leefTime,
  fill: describe,
});

export const leef: LineSource = {
  name: 'leef',
  title: 'Log Event Extended Format (LEEF)',
  families: [leefFamily],
  oracle: 'no outside oracle (synthetic lines)',
  shape: 'line',
  order: 20,
  parse(text, envelope) {
    const start = text.startsWith('LEEF:') ? 0 : text.slice(0, 256).search(/(?<=\s)LEEF: ?\d/);
    return start === -1 ? null : parseLeef(text, start + 5, envelopeFields(envelope));
  },
};

function parseLeef(text: string, start: number, fields: NativeFields): Parsed {
  let at = start;
  for (const name of HEADER) {
    const end = text.indexOf('|', at);
    if (end === -1) return { reject: 'bad_leef', reason: `the header ends before ${name}` };
    fields[name] = text.slice(at, end).trim();
    at = end + 1;
  }
  const { delimiter, from } = delimiterAt(text, at, fields['LEEFVersion'] === '2.0');
  const pairs = text.slice(from).split(delimiter);
  if (pairs.length > PAIRS_MAX) return { reject: 'bad_leef', reason: `more than ${PAIRS_MAX} attributes` };
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals > 0) put(fields, nameOf(pair.slice(0, equals).trim()), pair.slice(equals + 1));
  }
  return { family: leefFamily.name, fields };
}

/** An attribute that is called like a part of the header of LEEF or of syslog does not replace it. */
function nameOf(key: string): string {
  return RESERVED.has(key) ? `own_${key}` : key;
}

/** Version 2 may name a delimiter: one character, or `x5E`/`0x5E`. Without one it is a tab, as in version 1. */
function delimiterAt(text: string, at: number, isSecond: boolean): { delimiter: string; from: number } {
  const end = isSecond ? text.indexOf('|', at) : -1;
  const stated = end === -1 ? '' : text.slice(at, end);
  const code = /^(?:0?x)([0-9a-fA-F]{2,4})$/.exec(stated)?.[1];
  if (code !== undefined) return { delimiter: String.fromCharCode(Number.parseInt(code, 16)), from: end + 1 };
  if (end !== -1 && stated.length <= 1) return { delimiter: stated || '\t', from: end + 1 };
  return { delimiter: '\t', from: at };
}

/** `devTime` in milliseconds, ISO 8601 or the format's own `MMM dd yyyy HH:mm:ss`; else the header. */
function leefTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const stated = textAt(fields, 'devTime');
  if (stated === undefined) return headerTime(fields, context);
  return epochTime(stated, 'ms') ?? isoTime(stated, context) ?? bsdTime(stated, context) ?? headerTime(fields, context);
}

function describe(fields: NativeFields, draft: Draft, kind: Kind, context: TimeContext): void {
  setTransmitTime(fields, draft, context);
  const severity = Number(textAt(fields, 'sev') ?? '');
  draft.severityId =
    severity >= 9 ? 5 : severity >= 7 ? 4 : severity >= 4 ? 3 : severity >= 2 ? 2 : severity === 1 ? 1 : 0;
  const product = textAt(fields, 'DeviceProduct') ?? '-';
  draft.set('metadata.product.name', product === '-' ? 'LEEF' : product);
  if (kind === 'other') return;
  const verdict = verdictOf(fields['action']);
  setVerdict(draft, verdict);
  draft.classUid = 4001;
  draft.activityId = verdict === 'blocked' ? 5 : 6;
}
