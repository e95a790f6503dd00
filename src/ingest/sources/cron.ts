import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { LineSource } from '../source.ts';
import { DEVICE_ROWS, envelopeFields, headerTime } from '../syslog/fields.ts';
import type { Family, NativeFields } from '../types.ts';

// Vixie cron, misc.c `log_it`, which cronie and Debian's cron have kept: `(user) ACTION (detail)`.

type Kind = 'command' | 'other';

const PROGRAMS: ReadonlySet<string> = new Set([
  'CRON',
  'CROND',
  'cron',
  'crond',
  'crontab',
  '/USR/SBIN/CRON',
  'anacron',
]);
const LINE = /^\((?<user>[^)]{1,255})\) (?<action>[A-Z][A-Za-z -]{1,40}) \((?<detail>.*)\)\s*$/s;

const ABOUT: readonly Row[] = [['message', 'message'], ...DEVICE_ROWS];
const PRODUCT = { 'metadata.product.name': 'cron', 'metadata.product.vendor_name': 'Linux' };

/** cron's log: `user` whose table it is, `action` (`CMD`, `REPLACE`, `LIST` …), `command` or `detail`. The `pid` is that of the command. */
export const cronFamily: Family = defineFamily<Kind>({
  name: 'cron',
  title: 'cron',
  maps: {
    command: defineFieldMap(
      [...ABOUT, ['command', 'process.cmd_line'], ['pid', 'process.pid'], ['user', 'actor.user.name']],
      PRODUCT,
    ),
    other: defineFieldMap(ABOUT, PRODUCT),
  },
  kind: (fields) => (fields['command'] === undefined ? 'other' : 'command'),
  time: headerTime,
  fill(_, draft, kind) {
    draft.severityId = 1;
    if (kind === 'other') return;
    draft.classUid = 1007;
    draft.activityId = 1;
  },
});

export const cron: LineSource = {
  name: 'cron',
  title: 'cron (syslog)',
  families: [cronFamily],
  oracle: 'no outside oracle in the tests (public samples)',
  shape: 'line',
  parse(text, envelope) {
    if (envelope === null || !PROGRAMS.has(envelope.app ?? '')) return null;
    const groups = LINE.exec(text)?.groups;
    if (groups === undefined) return null;
    const { user, action, detail = '' } = groups;
    const fields: NativeFields = { ...envelopeFields(envelope), message: text, user, action };
    if (detail !== '') fields[action === 'CMD' ? 'command' : 'detail'] = detail.trim();
    return { family: cronFamily.name, fields };
  },
};
