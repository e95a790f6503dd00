import { defineFieldMap } from '../ocsf/field-map.ts';
import { notIp } from '../ocsf/codec.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { envelopeFields, headerTime } from '../syslog/fields.ts';
import type { Family, NativeFields } from '../types.ts';

// util-linux login-utils/su-common.c, shadow src/su.c and FreeBSD usr.bin/su/su.c each have words of their own.

const MESSAGES: readonly (readonly [event: 'success' | 'failure', pattern: RegExp])[] = [
  ['failure', /^FAILED SU \(to (?<target_user>[^)]{1,255})\) (?<user>\S{1,255}) on (?<tty>\S{1,64})$/],
  ['success', /^\(to (?<target_user>[^)]{1,255})\) (?<user>\S{1,255}) on (?<tty>\S{1,64})$/],
  ['failure', /^FAILED su for (?<target_user>\S{1,255}) by (?<user>\S{1,255})$/],
  ['success', /^Successful su for (?<target_user>\S{1,255}) by (?<user>\S{1,255})$/],
  ['failure', /^BAD SU (?<user>\S{1,255}) to (?<target_user>\S{1,255}) on (?<tty>\S{1,64})$/],
  ['success', /^(?<user>\S{1,255}) to (?<target_user>\S{1,255}) on (?<tty>\/dev\/\S{1,59})$/],
  ['success', /^\+ (?<tty>\S{1,64}) (?<user>[^\s:]{1,255}):(?<target_user>\S{1,255})$/],
  ['failure', /^- (?<tty>\S{1,64}) (?<user>[^\s:]{1,255}):(?<target_user>\S{1,255})$/],
];

const MAP = defineFieldMap(
  [
    ['message', 'message'],
    ['user', 'actor.user.name'],
    ['target_user', 'user.name'],
    ['program', 'service.name'],
    ['host', 'dst_endpoint.hostname', notIp],
    ['tty', 'session.terminal'],
  ],
  { 'metadata.product.name': 'su', 'metadata.product.vendor_name': 'Linux' },
);

/** su's log: `user` who asked, `target_user` whom they asked to be, `tty`, and `event`, our word for what came of it. */
export const suFamily: Family = defineFamily({
  name: 'su',
  title: 'su',
  maps: { switch: MAP },
  kind: () => 'switch',
  time: headerTime,
  fill(fields, draft) {
    const { event } = fields;
    draft.classUid = 3002;
    draft.activityId = 7;
    draft.statusId = event === 'success' ? 1 : event === 'failure' ? 2 : undefined;
    draft.severityId = event === 'failure' ? 3 : 1;
  },
});

export const su: LineSource = {
  name: 'su',
  title: 'su (syslog)',
  families: [suFamily],
  oracle: 'no outside oracle in the tests (public samples)',
  shape: 'line',
  parse(text, envelope) {
    if (envelope?.app !== 'su' && envelope?.app !== 'su-l') return null;
    for (const [event, pattern] of MESSAGES) {
      const groups = pattern.exec(text)?.groups;
      if (groups === undefined) continue;
      const fields: NativeFields = { ...envelopeFields(envelope), message: text, event };
      for (const name in groups) if (groups[name] !== undefined) fields[name] = groups[name];
      return { family: suFamily.name, fields };
    }
    return null;
  },
};
