import { defineFieldMap } from '../ocsf/field-map.ts';
import { notIp } from '../ocsf/codec.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { envelopeFields, headerTime } from '../syslog/fields.ts';
import type { Family, NativeFields } from '../types.ts';

// sudoers(5), "LOG FORMAT"; a command too long for one message goes on in the next.

const LINE = /^ *(?<user>[^ ][^;]{0,255}?) : (?<rest>.*)$/s;
const PART = /^(?:HOST|TTY|CHROOT|PWD|USER|GROUP|TSID|ENV)=/;

const CONTINUED = '(command continued) ';

const MAP = defineFieldMap(
  [
    ['message', 'message'],
    ['user', 'actor.user.name'],
    ['USER', 'user.name'],
    ['program', 'service.name'],
    ['host', 'dst_endpoint.hostname', notIp],
    ['TTY', 'session.terminal'],
    ['reason', 'status_detail'],
  ],
  { 'metadata.product.name': 'sudo', 'metadata.product.vendor_name': 'sudo' },
);

/** sudo's log under its own names (`TTY`, `PWD`, `USER`, `COMMAND`), `user` who asked, `reason` why it was refused, `COMMAND_continued`. */
export const sudoFamily: Family = defineFamily({
  name: 'sudo',
  title: 'sudo',
  maps: { command: MAP },
  kind: () => 'command',
  time: headerTime,
  fill(fields, draft) {
    draft.classUid = 3002;
    draft.activityId = 7;
    const refused = fields['reason'] !== undefined;
    draft.statusId = fields['COMMAND'] === undefined && !refused ? undefined : refused ? 2 : 1;
    draft.severityId = refused ? 3 : 1;
  },
});

export const sudo: LineSource = {
  name: 'sudo',
  title: 'sudo (syslog)',
  families: [sudoFamily],
  oracle: 'no outside oracle in the tests (sudo’s source and public samples)',
  shape: 'line',
  parse(text, envelope) {
    if (envelope?.app !== 'sudo') return null;
    const groups = LINE.exec(text)?.groups;
    if (groups === undefined || text.startsWith('pam_')) return null;
    const fields: NativeFields = { ...envelopeFields(envelope), message: text, user: groups['user'] };
    readParts(groups['rest'] ?? '', fields);
    return { family: sudoFamily.name, fields };
  },
};

/** `reason ; TTY=… ; PWD=… ; USER=… ; COMMAND=…`; the command is the rest of the line, whatever stands in it. */
function readParts(rest: string, fields: NativeFields): void {
  if (rest.startsWith(CONTINUED)) {
    fields['COMMAND_continued'] = rest.slice(CONTINUED.length);
    return;
  }
  const command = rest.startsWith('COMMAND=') ? 0 : rest.indexOf(' ; COMMAND=');
  const head = command === -1 ? rest : rest.slice(0, command);
  if (command !== -1) fields['COMMAND'] = rest.slice(rest.indexOf('COMMAND=', command) + 8);
  for (const part of head.split(' ; ')) {
    const equals = part.indexOf('=');
    if (PART.test(part)) fields[part.slice(0, equals)] = part.slice(equals + 1);
    else if (part.trim() !== '' && fields['reason'] === undefined) fields['reason'] = part.trim();
  }
}
