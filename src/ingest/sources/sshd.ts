import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { notIp } from '../ocsf/codec.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { envelopeFields, headerTime, syslogSeverity } from '../syslog/fields.ts';
import { severityOf } from '../syslog/severity.ts';
import type { Draft, Family, NativeFields } from '../types.ts';

// The messages of OpenSSH's auth.c, auth2.c, packet.c and sshd.c.

type Kind = 'auth' | 'connection';

/** A message and what its parts are; `event` is our word for it. Greedy users: the last ` from ` is sshd's own. */
const MESSAGES: readonly (readonly [event: string, pattern: RegExp])[] = [
  [
    'accepted',
    /^Accepted (?<method>[\w/-]+) for (?<user>.*) from (?<src_ip>\S+) port (?<src_port>\d+)(?: ssh\d)?(?:: (?<key>.+))?$/,
  ],
  ['failed', /^Failed (?<method>[\w/-]+) for (?:invalid user )?(?<user>.*) from (?<src_ip>\S+) port (?<src_port>\d+)/],
  ['invalid_user', /^(?:Invalid|Illegal) user (?<user>.*) from (?<src_ip>\S+?)(?: port (?<src_port>\d+))?$/],
  ['not_allowed', /^User (?<user>.*) from (?<src_ip>\S+) not allowed because (?<reason>.*)$/],
  [
    'too_many_attempts',
    /^(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?<user>.*) from (?<src_ip>\S+) port (?<src_port>\d+)/,
  ],
  ['root_refused', /^ROOT LOGIN REFUSED FROM (?<src_ip>\S+)(?: port (?<src_port>\d+))?/],
  [
    'disconnected',
    /^Disconnect(?:ed|ing) from (?:(?:authenticating |invalid )?user (?<user>.*) )?(?<src_ip>\S+) port (?<src_port>\d+)/,
  ],
  [
    'closed',
    /^Connection (?:closed|reset) by (?:(?:authenticating|invalid) user (?<user>.*) )?(?<src_ip>\S+) port (?<src_port>\d+)/,
  ],
  [
    'disconnected',
    /^Received disconnect from (?<src_ip>[\da-fA-F.:]+?)(?: port (?<src_port>\d+))?: ?(?<code>\d+): (?<reason>.*)$/,
  ],
  ['disconnected', /^Received disconnect from (?<src_ip>\S+) port (?<src_port>\d+)/],
  ['closed', /^Connection (?:closed|reset) by (?<src_ip>[\da-fA-F.:]{3,45})$/],
  [
    'refused',
    /^drop connection #\d+ from \[(?<src_ip>[^\]]+)\]:(?<src_port>\d+)(?: on \[(?<dst_ip>[^\]]+)\]:(?<dst_port>\d+))? (?<reason>.*)$/,
  ],
  [
    'timeout',
    /^(?:fatal: )?Timeout before authentication for (?:connection from )?(?<src_ip>[\da-fA-F.:]+)(?: to (?<dst_ip>[\da-fA-F.:]+))?(?: port (?<src_port>\d+))?/,
  ],
  ['opened', /^Connection from (?<src_ip>\S+) port (?<src_port>\d+) on (?<dst_ip>\S+) port (?<dst_port>\d+)/],
  ['bad_banner', /^banner exchange: Connection from (?<src_ip>\S+) port (?<src_port>\d+): (?<reason>.*)$/],
  ['bad_banner', /^Did not receive identification string from (?<src_ip>\S+)(?: port (?<src_port>\d+))?/],
  ['no_agreement', /^Unable to negotiate with (?<src_ip>\S+) port (?<src_port>\d+): (?<reason>.*)$/],
  ['other', /(?:from|by|with) (?<src_ip>[\da-fA-F.:]{3,45}) port (?<src_port>\d{1,5})/],
];

const AUTH_EVENTS: ReadonlyMap<string, number> = new Map([
  ['accepted', 1],
  ['failed', 2],
  ['invalid_user', 2],
  ['not_allowed', 2],
  ['too_many_attempts', 2],
]);

const CONNECTION_ACTIVITIES: Readonly<Record<string, number>> = {
  opened: 1,
  disconnected: 2,
  closed: 2,
  bad_banner: 4,
  no_agreement: 4,
  root_refused: 5,
  refused: 5,
  timeout: 4,
};

const ROWS: readonly Row[] = [
  ['message', 'message'],
  ['src_ip', 'src_endpoint.ip'],
  ['src_port', 'src_endpoint.port'],
  ['dst_ip', 'dst_endpoint.ip'],
  ['dst_port', 'dst_endpoint.port'],
  ['host', 'dst_endpoint.hostname', notIp],
  ['reason', 'status_detail'],
];
const PRODUCT = { 'metadata.product.name': 'OpenSSH', 'metadata.product.vendor_name': 'OpenBSD' };

/** OpenSSH's server as syslog has it: `user`, `src_ip`, `src_port`, `method`, and `event`, our word for the message. */
export const sshdFamily: Family = defineFamily<Kind>({
  name: 'sshd',
  title: 'OpenSSH server',
  maps: {
    auth: defineFieldMap([...ROWS, ['user', 'user.name'], ['program', 'service.name']], PRODUCT),
    connection: defineFieldMap(ROWS, PRODUCT),
  },
  kind: (fields) => (AUTH_EVENTS.has(textAt(fields, 'event') ?? '') ? 'auth' : 'connection'),
  time: headerTime,
  fill: describe,
});

export const sshd: LineSource = {
  name: 'sshd',
  title: 'OpenSSH server (syslog)',
  families: [sshdFamily],
  oracle: '11 real lines',
  shape: 'line',
  parse(text, envelope) {
    const app = envelope?.app;
    if (app !== 'sshd' && app !== 'sshd-session' && app !== 'sshd-auth') return null;
    if (text.startsWith('pam_')) return null;
    const fields: NativeFields = { ...envelopeFields(envelope), message: text };
    const bare = text.endsWith(' [preauth]') ? text.slice(0, -10) : text;
    for (const [event, pattern] of MESSAGES) {
      const groups = pattern.exec(bare)?.groups;
      if (groups === undefined) continue;
      fields['event'] = event;
      for (const name in groups) if (groups[name] !== undefined) fields[name] = groups[name];
      break;
    }
    return { family: sshdFamily.name, fields };
  },
};

function describe(fields: NativeFields, draft: Draft, kind: Kind): void {
  const event = textAt(fields, 'event') ?? '';
  draft.severityId = severityOf(syslogSeverity(fields)) || 1;
  if (kind === 'auth') {
    draft.classUid = 3002;
    draft.activityId = 1;
    draft.statusId = AUTH_EVENTS.get(event);
    draft.set('is_remote', true);
    return;
  }
  draft.classUid = 4007;
  draft.activityId = entryOf(CONNECTION_ACTIVITIES, event) ?? 6;
}
