import type { OcsfEvent } from '#ingest';

// ArcSight Common Event Format, Implementation Standard, version 0.

/** OCSF severity 0 to 6 → CEF severity 0 to 10. */
const SEVERITIES = [0, 1, 3, 5, 7, 9, 10] as const;
/** Characters of one value; what is longer is cut. */
const VALUE_CHARS_MAX = 1_023;

type Place = readonly [key: string, path: string];

/** CEF key ← OCSF path; the first path that holds something is taken. */
const PLACES: readonly Place[] = [
  ['externalId', 'finding_info.uid'],
  ['externalId', 'metadata.uid'],
  ['msg', 'message'],
  ['suser', 'actor.user.name'],
  ['duser', 'user.name'],
  ['suser', 'actor.process.user.name'],
  ['src', 'src_endpoint.ip'],
  ['shost', 'src_endpoint.hostname'],
  ['spt', 'src_endpoint.port'],
  ['dst', 'dst_endpoint.ip'],
  ['dhost', 'dst_endpoint.hostname'],
  ['dpt', 'dst_endpoint.port'],
  ['dvchost', 'device.hostname'],
  ['proto', 'connection_info.protocol_name'],
  ['sproc', 'actor.process.file.path'],
  ['dproc', 'process.file.path'],
  ['filePath', 'file.path'],
  ['requestURL', 'http_request.url.url_string'],
  ['outcome', 'status'],
];

/** An OCSF event as one line of CEF, without syslog header. `index` is its place in the ledger. */
export function cefOf(event: OcsfEvent, index: number, version: string): string {
  const id = textAt(event, 'finding_info.analytic.uid') ?? String(event.type_uid);
  const name = event.message ?? textAt(event, 'finding_info.title') ?? `OCSF ${event.class_uid}`;
  const severity = SEVERITIES[event.severity_id] ?? 0;
  const head = ['CEF:0', 'Wardkeep', 'Wardkeep', version, id, name].map((part) => header(part)).join('|');
  const pairs = new Map<string, string>([['rt', String(event.time)]]);
  for (const [key, path] of PLACES) {
    const text = textAt(event, path);
    if (text !== null && !pairs.has(key)) pairs.set(key, text);
  }
  pairs.set('cn1Label', 'ledgerIndex').set('cn1', String(index));
  pairs.set('cat', String(event.class_uid));
  return `${head}|${severity}|${[...pairs].map(([key, value]) => `${key}=${extension(value)}`).join(' ')}`;
}

/** Pipes and backslashes are escaped in the header; it is one line. */
function header(text: string): string {
  return text
    .slice(0, VALUE_CHARS_MAX)
    .replaceAll(/[\\|]/g, String.raw`\$&`)
    .replaceAll(/[\r\n]+/g, ' ');
}

/** Equals signs, backslashes and line ends are escaped in the extension. */
function extension(text: string): string {
  return text
    .slice(0, VALUE_CHARS_MAX)
    .replaceAll(/[\\=]/g, String.raw`\$&`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('\n', String.raw`\n`);
}

function textAt(event: OcsfEvent, path: string): string | null {
  let value: unknown = event;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null;
    value = (value as Record<string, unknown>)[part];
  }
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' ? String(value) : null;
}
