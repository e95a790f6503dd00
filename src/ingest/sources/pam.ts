import { readKeyValues } from '../key-values.ts';
import { textAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { ip, keep, notIp } from '../ocsf/codec.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { envelopeFields, headerTime } from '../syslog/fields.ts';
import type { Draft, Family, NativeFields } from '../types.ts';

// Linux-PAM: modules/pam_unix/support.c, pam_unix_sess.c, pam_unix_passwd.c, pam_faillock.c; SSSD's pam_sss logs alike.

type Kind = 'auth' | 'account';

const LINE = /^(?<module>pam_\w{1,40})\((?<service>[\w@./-]{1,64}):(?<type>\w{1,20})\): (?<rest>.*)$/s;
const SESSION =
  /^session (?<verb>opened|closed) for user (?<user>[^\s(]+)(?:\(uid=(?<uid>\d+)\))?(?: by (?<by>[^\s(]*)\(uid=(?<by_uid>\d+)\))?/;
const SUCCESS = /^authentication success; (?<pairs>.*)$/;
const LOCKED = /^Consecutive login failures for user (?<user>\S+) account temporarily locked/;
const PASSWORD = /^password changed for (?<user>\S+)/;
const FAILURE = /^(?:\d+ more )?authentication failures?; (?<pairs>.*)$/;

const ROWS: readonly Row[] = [
  ['message', 'message'],
  ['user', 'user.name'],
  ['uid', 'user.uid'],
  ['by', 'actor.user.name'],
  ['host', 'dst_endpoint.hostname', notIp],
  ['rhost', 'src_endpoint.ip', ip],
];
const PRODUCT = { 'metadata.product.name': 'PAM', 'metadata.product.vendor_name': 'Linux-PAM' };

/** PAM's modules as syslog has them: `module`, `service`, `type`, `event`, and what the message states by name. */
export const pamFamily: Family = defineFamily<Kind>({
  name: 'pam',
  title: 'PAM',
  maps: {
    auth: defineFieldMap(
      [
        ...ROWS,
        ['rhost', 'src_endpoint.hostname', keep(notIp)],
        ['service', 'service.name'],
        ['tty', 'session.terminal'],
      ],
      PRODUCT,
    ),
    account: defineFieldMap(
      [
        ['message', 'message'],
        ['user', 'user.name'],
        ['host', 'device.hostname', notIp],
      ],
      PRODUCT,
    ),
  },
  kind: (fields) =>
    fields['event'] === 'password_changed' || fields['event'] === 'account_locked' ? 'account' : 'auth',
  time: headerTime,
  fill: describe,
});

export const pam: LineSource = {
  name: 'pam',
  title: 'PAM (syslog)',
  families: [pamFamily],
  oracle: 'no outside oracle in the tests (public samples of the messages)',
  shape: 'line',
  order: 40,
  parse(text, envelope) {
    if (!text.startsWith('pam_')) return null;
    const groups = LINE.exec(text)?.groups;
    if (groups === undefined) return null;
    const { module, service, type, rest = '' } = groups;
    const fields: NativeFields = { ...envelopeFields(envelope), message: text, module, service, type };
    readMessage(rest, fields);
    return { family: pamFamily.name, fields };
  },
};

function readMessage(rest: string, fields: NativeFields): void {
  const session = SESSION.exec(rest)?.groups;
  const failure = FAILURE.exec(rest)?.groups;
  const success = SUCCESS.exec(rest)?.groups;
  const locked = LOCKED.exec(rest)?.groups;
  const password = PASSWORD.exec(rest)?.groups;
  if (session !== undefined) {
    fields['event'] = `session_${session['verb']}`;
    for (const name of ['user', 'uid', 'by', 'by_uid']) if (session[name]) fields[name] = session[name];
  } else if (failure !== undefined || success !== undefined) {
    fields['event'] = failure === undefined ? 'authentication_success' : 'authentication_failure';
    const { fields: pairs } = readKeyValues((failure ?? success)?.['pairs'] ?? '');
    for (const name of ['logname', 'uid', 'euid', 'tty', 'ruser', 'rhost', 'user']) {
      const value = pairs[name];
      // `uid` is that of the program that asked, not of the user.
      if (value !== undefined && value !== '') fields[name === 'uid' ? 'program_uid' : name] = value;
    }
  } else if (locked !== undefined) {
    fields['event'] = 'account_locked';
    fields['user'] = locked['user'];
  } else if (password !== undefined) {
    fields['event'] = 'password_changed';
    fields['user'] = password['user'];
  } else if (rest.startsWith('check pass; user unknown')) fields['event'] = 'user_unknown';
}

function describe(fields: NativeFields, draft: Draft, kind: Kind): void {
  draft.severityId = 1;
  if (kind === 'account') {
    draft.classUid = 3001;
    draft.activityId = fields['event'] === 'account_locked' ? 9 : 3;
    draft.statusId = 1;
    return;
  }
  draft.classUid = 3002;
  const event = textAt(fields, 'event');
  draft.activityId = event === 'session_closed' ? 2 : 1;
  if (event === 'session_opened' || event === 'session_closed' || event === 'authentication_success')
    draft.statusId = 1;
  if (event === 'authentication_failure' || event === 'user_unknown') draft.statusId = 2;
}
