import { textAt } from '../native-value.ts';
import { ip, type Codec } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { put } from '../ocsf/native.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { NativeFields } from '../types.ts';

// Protocol logging of POP3 and IMAP4: https://learn.microsoft.com/exchange/clients/pop3-and-imap4/configure-protocol-logging

const COLUMNS = [
  'dateTime',
  'sessionId',
  'seqNumber',
  'sIp',
  'cIp',
  'user',
  'duration',
  'rqsize',
  'rpsize',
  'command',
  'parameters',
  'context',
  'puid',
] as const;

/** `192.0.2.1:143` and `[2001:db8::1]:143` come apart; the whole text stays beside. */
const addressOf: Codec = { to: (value) => ip.to(split(value)[0]), from: (value) => value };
const portOf: Codec = {
  to: (value) => (split(value)[1] === undefined ? undefined : Number(split(value)[1])),
  from: (value) => value,
};

function split(value: unknown): [address: string | undefined, port: string | undefined] {
  const match = typeof value === 'string' ? /^\[?([0-9a-fA-F.:%]+?)\]?:(\d{1,5})$/.exec(value) : null;
  return [match?.[1], match?.[2]];
}

const ROWS: Row[] = [
  ['dateTime', 'metadata.original_time'],
  ['command', 'metadata.event_code'],
  ['cIp', 'src_endpoint.ip', addressOf],
  ['cIp', 'src_endpoint.port', portOf],
  ['sIp', 'dst_endpoint.ip', addressOf],
  ['sIp', 'dst_endpoint.port', portOf],
];

const SIGNIN_ROWS: Row[] = [
  ...ROWS,
  ['user', 'user.name'],
  ['sessionId', 'session.uid'],
  ['parameters', 'auth_protocol'],
  ['context', 'status_detail'],
];

const PRODUCT = {
  'metadata.product.name': 'Exchange Server',
  'metadata.product.vendor_name': 'Microsoft',
  'metadata.product.feature.name': 'IMAP4',
};

const family = defineFamily<'signin' | 'command'>({
  name: 'exchange-imap',
  title: 'Exchange IMAP',
  maps: { signin: defineFieldMap(SIGNIN_ROWS, PRODUCT), command: defineFieldMap(ROWS, PRODUCT) },
  kind: (fields) =>
    /^(?:authenticate|login|user|pass)$/i.test(textAt(fields, 'command') ?? '') ? 'signin' : 'command',
  time: (fields, context) => isoTime(fields['dateTime'], context),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    const context = textAt(fields, 'context') ?? '';
    draft.statusId = /R=""?(?:\S+ )?(?:NO|BAD|-ERR)|AuthFailed|ErrMsg=/.test(context)
      ? 2
      : /R=(?:ok|""?\S+ OK)/i.test(context)
        ? 1
        : 0;
    draft.classUid = kind === 'signin' ? 3002 : 4001;
    draft.activityId = kind === 'signin' ? 1 : 6;
  },
});

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z,[0-9A-F]{8,32},\d+,/;
const LENGTH_MAX = 64 * 1024;

/** One line of comma-separated values, a quoted one with its quotes doubled inside. Null when a quote never ends. */
function splitCsv(text: string): string[] | null {
  const values: string[] = [];
  let at = 0;
  while (at <= text.length) {
    if (text[at] !== '"') {
      const comma = text.indexOf(',', at);
      const end = comma === -1 ? text.length : comma;
      values.push(text.slice(at, end));
      at = end + 1;
      continue;
    }
    let end = text.indexOf('"', at + 1);
    while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
    if (end === -1) return null;
    values.push(text.slice(at + 1, end).replaceAll('""', '"'));
    at = end + 2;
  }
  return values;
}

/** The protocol log of Exchange's IMAP service. */
export const exchangeImap: LineSource = {
  name: 'exchange-imap',
  title: 'Exchange IMAP protocol log',
  families: [family],
  oracle: 'CrowdSec hub log',
  shape: 'line',
  order: 40,
  parse(text) {
    if (text.length > LENGTH_MAX || !LINE.test(text)) return null;
    const values = splitCsv(text.trimEnd());
    if (values === null || values.length < 10 || values.length > COLUMNS.length) return null;
    const fields: NativeFields = {};
    values.forEach((value, index) => put(fields, COLUMNS[index] ?? '', value));
    return { family: 'exchange-imap', fields };
  },
};
