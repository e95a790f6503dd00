import { entryOf } from '#kernel';
import { textAt } from '../../native-value.ts';
import type { Draft, NativeFields } from '../../types.ts';
import { HTTP_ACTIVITIES } from '../http-activity.ts';

const NETWORK = 4001;
const SUCCESS = 1;
const FAILURE = 2;

/** Zeek's `conn_state` as Network Activity: closed, refused, reset, failed; anything else is traffic. */
const CONN_ACTIVITIES: Readonly<Record<string, number>> = {
  SF: 2,
  REJ: 5,
  RSTO: 3,
  RSTR: 3,
  RSTOS0: 3,
  RSTRH: 3,
  S0: 4,
  SH: 4,
  SHR: 4,
};
const TRAFFIC = 6;
const FTP_ACTIVITIES: Readonly<Record<string, number>> = {
  STOR: 1,
  STOU: 1,
  APPE: 1,
  RETR: 2,
  DELE: 4,
  RNFR: 5,
  RNTO: 5,
  LIST: 6,
  NLST: 6,
  MLSD: 6,
};
const DHCP_ACTIVITIES: Readonly<Record<string, number>> = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
  INFORM: 8,
};

type Describe = (fields: NativeFields, draft: Draft) => void;

const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  conn(fields, draft) {
    as(draft, NETWORK, entryOf(CONN_ACTIVITIES, textAt(fields, 'conn_state')) ?? TRAFFIC);
  },
  connection(fields, draft) {
    as(draft, NETWORK, TRAFFIC);
    if (fields['_path'] === 'weird') draft.severityId = 2;
  },
  dns(fields, draft) {
    const { rcode } = fields;
    as(draft, 4003, rcode === undefined ? 1 : TRAFFIC);
    if (rcode !== undefined) draft.statusId = textAt(fields, 'rcode') === '0' ? SUCCESS : FAILURE;
  },
  http(fields, draft) {
    as(draft, 4002, entryOf(HTTP_ACTIVITIES, textAt(fields, 'method')?.toUpperCase()) ?? 99);
    const code = Number(textAt(fields, 'status_code') ?? 0);
    if (code >= 100) draft.statusId = code < 400 ? SUCCESS : FAILURE;
    const uri = fields['uri'];
    const mark = typeof uri === 'string' ? uri.indexOf('?') : -1;
    if (typeof uri === 'string' && mark !== -1) draft.set('http_request.url.query_string', uri.slice(mark + 1));
  },
  smtp(_fields, draft) {
    as(draft, 4009, 1);
  },
  ftp(fields, draft) {
    as(draft, 4008, entryOf(FTP_ACTIVITIES, textAt(fields, 'command')) ?? 99);
    const code = Number(textAt(fields, 'reply_code') ?? 0);
    if (code >= 200) draft.statusId = code < 400 ? SUCCESS : FAILURE;
  },
  ssh(fields, draft) {
    as(draft, 4007, fields['auth_success'] === false ? 4 : 1);
    status(draft, fields['auth_success']);
  },
  ssl(fields, draft) {
    as(draft, NETWORK, fields['established'] === false ? 4 : 1);
    draft.set('app_protocol_name', 'ssl');
    status(draft, fields['established']);
  },
  kerberos(fields, draft) {
    as(draft, 3002, entryOf({ AS: 3, TGS: 4 }, textAt(fields, 'request_type')) ?? 99);
    draft.set('auth_protocol_id', 2);
    status(draft, fields['success']);
  },
  ntlm(fields, draft) {
    as(draft, 3002, 1);
    draft.set('auth_protocol_id', 1);
    status(draft, fields['success']);
  },
  rdp(_fields, draft) {
    as(draft, 4005, 3);
  },
  smb_mapping(_fields, draft) {
    as(draft, 4006, 99);
  },
  smb_files(fields, draft) {
    as(draft, 4006, fields['action'] === 'SMB::FILE_OPEN' ? 2 : 99);
  },
  dhcp(fields, draft) {
    const types = fields['msg_types'];
    const last: unknown = Array.isArray(types) ? types.at(-1) : undefined;
    as(draft, 4004, entryOf(DHCP_ACTIVITIES, typeof last === 'string' ? last : undefined) ?? 99);
    if (last === 'ACK') draft.statusId = SUCCESS;
    if (last === 'NAK' || last === 'DECLINE') draft.statusId = FAILURE;
  },
  notice(fields, draft) {
    as(draft, 2004, 1);
    draft.severityId = 3;
    // Zeek numbers no notices: its time, kind and connection together name one.
    const names = [textAt(fields, 'ts'), textAt(fields, 'note'), textAt(fields, 'uid') ?? textAt(fields, 'src')];
    draft.set('finding_info.uid', names.join('/'));
  },
  syslog(_fields, draft) {
    as(draft, NETWORK, TRAFFIC);
    draft.set('app_protocol_name', 'syslog');
  },
};

/** Class, activity, status and severity of a Zeek record of this kind. */
export function describeZeek(fields: NativeFields, draft: Draft, kind: string): void {
  draft.severityId = 1;
  const describe = Object.hasOwn(DESCRIPTIONS, kind) ? DESCRIPTIONS[kind] : undefined;
  if (describe !== undefined) describe(fields, draft);
}

function as(draft: Draft, classUid: number, activityId: number): void {
  draft.classUid = classUid;
  draft.activityId = activityId;
}

function status(draft: Draft, success: unknown): void {
  if (typeof success === 'boolean') draft.statusId = success ? SUCCESS : FAILURE;
}
