import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { ip, keep, notIp } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { put } from '../ocsf/native.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource, Parsed } from '../source.ts';
import { envelopeFields, HEADER_NAMES, headerTime, setTransmitTime } from '../syslog/fields.ts';
import { bsdTime } from '../time-text.ts';
import { epochTime, isoTime } from '../time.ts';
import type { Draft, EventTime, Family, NativeFields, TimeContext } from '../types.ts';
import { HTTP_ACTIVITIES } from './http-activity.ts';
import { setVerdict, verdictOf } from './verdict.ts';

// ArcSight Common Event Format, Implementation Standard, versions 0 and 1.

type Kind = 'http' | 'network' | 'other';

/** The seven parts before the extension. */
const HEADER = [
  'CEFVersion',
  'DeviceVendor',
  'DeviceProduct',
  'DeviceVersion',
  'DeviceEventClassID',
  'Name',
  'Severity',
] as const;
const RESERVED: ReadonlySet<string> = new Set([...HEADER, ...HEADER_NAMES]);
/** Pairs an extension; a line with more is rejected. */
const PAIRS_MAX = 1024;
/** Characters a key. */
const KEY_LENGTH_MAX = 128;

const ABOUT: readonly Row[] = [
  ['DeviceVendor', 'metadata.product.vendor_name'],
  ['DeviceProduct', 'metadata.product.name', keep(notIp)],
  ['DeviceVersion', 'metadata.product.version'],
  ['DeviceEventClassID', 'metadata.event_code'],
  ['externalId', 'metadata.uid'],
  ['Name', 'message'],
  ['reason', 'status_detail'],
];

const NETWORK: readonly Row[] = [
  ...ABOUT,
  ['src', 'src_endpoint.ip', ip],
  ['spt', 'src_endpoint.port'],
  ['shost', 'src_endpoint.hostname'],
  ['smac', 'src_endpoint.mac'],
  ['dst', 'dst_endpoint.ip', ip],
  ['dpt', 'dst_endpoint.port'],
  ['dhost', 'dst_endpoint.hostname'],
  ['dmac', 'dst_endpoint.mac'],
  ['proto', 'connection_info.protocol_name'],
  ['app', 'app_protocol_name'],
  ['in', 'traffic.bytes_in'],
  ['out', 'traffic.bytes_out'],
  ['suser', 'actor.user.name'],
];

const MAPS: Readonly<Record<Kind, FieldMap>> = {
  http: defineFieldMap([
    ...NETWORK,
    ['requestMethod', 'http_request.http_method'],
    ['request', 'http_request.url.url_string'],
    ['requestClientApplication', 'http_request.user_agent'],
  ]),
  network: defineFieldMap(NETWORK),
  other: defineFieldMap(ABOUT),
};

const SEVERITY_WORDS: Readonly<Record<string, number>> = {
  low: 2,
  medium: 3,
  high: 4,
  'very-high': 5,
  critical: 5,
};

/**
 * CEF under its own names: the header's parts, and the extension's keys as they stand; also by their labels. A key that is
 * called like a part of a header becomes `own_…`.
 */
export const cefFamily: Family = defineFamily<Kind>({
  name: 'cef',
  title: 'CEF',
  maps: MAPS,
  kind: kindOfRecord,
  time: cefTime,
  fill: describe,
});

export const cef: LineSource = {
  name: 'cef',
  title: 'Common Event Format (CEF)',
  families: [cefFamily],
  oracle: '3 real lines (FortiWeb, Cortex XDR)',
  shape: 'line',
  order: 20,
  parse(text, envelope) {
    const start = text.startsWith('CEF:') ? 0 : text.slice(0, 256).search(/(?<=\s)CEF: ?\d/);
    return start === -1 ? null : parseCef(text, start + 4, envelopeFields(envelope));
  },
};

function parseCef(text: string, start: number, fields: NativeFields): Parsed {
  let at = start;
  for (const name of HEADER) {
    const end = headerEnd(text, at);
    if (end === -1) return { reject: 'bad_cef', reason: `the header ends before ${name}` };
    fields[name] = unescapeHeader(text.slice(at, end)).trim();
    at = end + 1;
  }
  if (!readExtension(text, at, fields)) return { reject: 'bad_cef', reason: `more than ${PAIRS_MAX} pairs` };
  if (text.includes('Label=', at)) addLabelled(fields);
  return { family: cefFamily.name, fields };
}

/** The next bar that is not escaped; the severity may end the line. */
function headerEnd(text: string, start: number): number {
  let bar = text.indexOf('|', start);
  while (bar !== -1 && isEscaped(text, bar, start)) bar = text.indexOf('|', bar + 1);
  return bar;
}

/** Whether an odd number of backslashes stands in front. */
function isEscaped(text: string, at: number, start: number): boolean {
  let from = at;
  while (from > start && text.charCodeAt(from - 1) === 0x5c) from -= 1;
  return (at - from) % 2 === 1;
}

function unescapeHeader(value: string): string {
  return value.includes('\\') ? value.replaceAll('\\|', '|').replaceAll('\\\\', '\\') : value;
}

/** `key=value key=value`: a value goes on over blanks up to the next `key=` whose equals sign is not escaped. */
function readExtension(text: string, start: number, fields: NativeFields): boolean {
  let key = '';
  let from = start;
  let pairs = 0;
  for (let equals = text.indexOf('=', start); equals !== -1; equals = text.indexOf('=', equals + 1)) {
    const begin = keyStart(text, equals, start);
    if (begin === -1) continue;
    if (key !== '') putValue(fields, key, text.slice(from, begin));
    if ((pairs += 1) > PAIRS_MAX) return false;
    key = text.slice(begin, equals);
    from = equals + 1;
  }
  if (key !== '') putValue(fields, key, text.slice(from));
  return true;
}

/** Where the key in front of an equals sign begins: behind a blank or at `start`; -1 when there is none. */
function keyStart(text: string, equals: number, start: number): number {
  let at = equals;
  while (at > start && equals - at < KEY_LENGTH_MAX && isKeyCode(text.charCodeAt(at - 1))) at -= 1;
  if (at === equals) return -1;
  return at === start || isBlank(text.charCodeAt(at - 1)) ? at : -1;
}

/** Letters, digits and `_ . - [ ]`. */
function isKeyCode(code: number): boolean {
  if ((code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5d && code !== 0x5c)) return true;
  return (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2e || code === 0x2d;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function putValue(fields: NativeFields, key: string, raw: string): void {
  put(fields, nameOf(key), raw.includes('\\') ? unescapeValue(raw).trim() : raw.trim());
}

/** A key that is called like a part of the header of CEF or of syslog does not replace it. */
function nameOf(key: string): string {
  return RESERVED.has(key) ? `own_${key}` : key;
}

/** `\\`, `\=`, `\|`, `\n` and `\r`; a backslash before anything else stands for itself. */
function unescapeValue(raw: string): string {
  let value = '';
  let from = 0;
  for (let at = raw.indexOf('\\'); at !== -1 && at + 1 < raw.length; at = raw.indexOf('\\', at + 2)) {
    const plain = ESCAPES[raw.charAt(at + 1)];
    if (plain === undefined) continue;
    value += raw.slice(from, at) + plain;
    from = at + 2;
  }
  return value + raw.slice(from);
}

const ESCAPES: Readonly<Record<string, string | undefined>> = { '\\': '\\', '=': '=', '|': '|', n: '\n', r: '\r' };

/** `cs1=x cs1Label=appName` also as `appName`, unless the record has a field of that name. */
function addLabelled(fields: NativeFields): void {
  for (const name of Object.keys(fields)) {
    if (!name.endsWith('Label')) continue;
    const label = fields[name];
    const value = fields[name.slice(0, -5)];
    if (typeof label !== 'string' || label === '' || value === undefined) continue;
    const own = nameOf(label);
    if (!Object.hasOwn(fields, own)) put(fields, own, value);
  }
}

function kindOfRecord(fields: NativeFields): Kind {
  if (fields['requestMethod'] !== undefined && fields['request'] !== undefined) return 'http';
  const isBetween = ['src', 'dst', 'shost', 'dhost'].some((name) => fields[name] !== undefined);
  return isBetween ? 'network' : 'other';
}

/** When it began, else when the device took note of it, else the header: all in milliseconds or as text. */
function cefTime(fields: NativeFields, context: TimeContext): EventTime | null {
  for (const name of ['start', 'rt', 'end', 'deviceReceiptTime']) {
    const value = fields[name];
    if (typeof value !== 'string') continue;
    const time = epochTime(value, 'ms') ?? isoTime(value, context) ?? bsdTime(value, context);
    if (time !== null) return time;
  }
  return headerTime(fields, context);
}

function describe(fields: NativeFields, draft: Draft, kind: Kind, context: TimeContext): void {
  setTransmitTime(fields, draft, context);
  draft.severityId = severityOfCef(textAt(fields, 'Severity') ?? '');
  // A vendor may leave its name out; OCSF asks for a product.
  const product = textAt(fields, 'DeviceProduct') ?? '-';
  draft.set('metadata.product.name', product === '-' ? 'CEF' : product);
  if (kind === 'other') return;
  const verdict = verdictOf(fields['act']);
  setVerdict(draft, verdict);
  draft.classUid = kind === 'http' ? 4002 : 4001;
  draft.activityId =
    kind === 'http' ? (entryOf(HTTP_ACTIVITIES, textAt(fields, 'requestMethod')) ?? 99) : verdict === 'blocked' ? 5 : 6;
  const outcome = textAt(fields, 'outcome')?.toLowerCase() ?? '';
  if (outcome.startsWith('succ')) draft.statusId = 1;
  if (outcome.startsWith('fail')) draft.statusId = 2;
}

/** 0–10 or a word; vendors' other words say nothing that can be compared. */
function severityOfCef(severity: string): number {
  if (!/^\d{1,2}$/.test(severity)) return entryOf(SEVERITY_WORDS, severity.toLowerCase()) ?? 0;
  const value = Number(severity);
  return value === 0 ? 1 : value <= 3 ? 2 : value <= 6 ? 3 : value <= 8 ? 4 : 5;
}
