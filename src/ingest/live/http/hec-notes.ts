import { entryOf } from '#kernel';
import { TAGS_MAX, TAG_CHARS_MAX } from '../limits.ts';
import type { RecordNote } from '../types.ts';

type Tag = RecordNote['tags'][number];

/** What an envelope says beside its event; `time` is the event's own. */
const STATED = ['host', 'source', 'sourcetype', 'index'] as const;

/**
 * Names that Splunk's own add-ons give to formats which we read (docs.splunk.com, "List of pretrained source types", and the
 * add-ons' manuals) → our names. It is a hint: what does not fit is recognised by its content.
 */
const FORMATS: Readonly<Record<string, string>> = {
  'cisco:asa': 'cisco-asa',
  'pan:log': 'paloalto',
  'pan:traffic': 'paloalto',
  'pan:threat': 'paloalto',
  'pan:system': 'paloalto',
  'pan:globalprotect': 'paloalto',
  fortigate_traffic: 'fortigate',
  fortigate_utm: 'fortigate',
  fortigate_event: 'fortigate',
  fgt_traffic: 'fortigate',
  fgt_utm: 'fortigate',
  fgt_event: 'fortigate',
  access_combined: 'apache',
  'apache:access': 'apache',
  'linux:audit': 'auditd',
  linux_audit: 'auditd',
  auditd: 'auditd',
  xmlwineventlog: 'windows-xml',
  wineventlog: 'windows-text',
  'aws:cloudtrail': 'cloudtrail',
  'aws:cloudwatchlogs:vpcflow': 'vpcflow',
  suricata: 'suricata',
  'oktaim2:log': 'okta',
  'o365:management:activity': 'm365',
  'azure:monitor:aad': 'entra',
  'osquery:results': 'osquery',
  pfsense: 'pfsense',
  cef: 'cef',
  leef: 'leef',
};
export const HINTED_FORMATS: readonly string[] = Object.values(FORMATS);
const WINDOWS_CHANNEL = /^((?:xml)?wineventlog):.*$/;
const ZEEK_JSON = /^(?:bro|zeek):[a-z0-9_]+:json$/;

/** What the sender stated of one event: kept as tags of its metadata, `hec.host` and so on, `hec.fields.NAME`. */
export function noteOf(envelope: Readonly<Record<string, unknown>>): RecordNote | null {
  const tags = STATED.flatMap((name) => tagsOf(`hec.${name}`, envelope[name]));
  const { fields, sourcetype } = envelope;
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields))
    for (const [name, value] of Object.entries(fields)) tags.push(...tagsOf(`hec.fields.${name}`, value));
  if (tags.length === 0) return null;
  return { format: formatOf(sourcetype), tags: tags.slice(0, TAGS_MAX) };
}

/** Our name of the format that a sourcetype is of; null where it is none that we know. */
export function formatOf(sourcetype: unknown): string | null {
  if (typeof sourcetype !== 'string') return null;
  const folded = sourcetype.toLowerCase();
  if (ZEEK_JSON.test(folded)) return 'zeek-json';
  return entryOf(FORMATS, folded.replace(WINDOWS_CHANNEL, '$1')) ?? null;
}

/** Indexed fields are texts, numbers, and lists of them; nothing else is a field (Splunk, "Format events for HEC"). */
function tagsOf(name: string, value: unknown): Tag[] {
  const key = name.slice(0, TAG_CHARS_MAX);
  if (Array.isArray(value)) {
    const values = value.filter(isPlain).slice(0, TAGS_MAX).map(textOf);
    return values.length === 0 ? [] : [{ name: key, values }];
  }
  return isPlain(value) && value !== '' ? [{ name: key, value: textOf(value) }] : [];
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function textOf(value: string | number | boolean): string {
  return String(value).slice(0, TAG_CHARS_MAX);
}
