import type { RowSource } from './columns.ts';
import { textAt } from './path.ts';

/** Characters of a line. */
const LINE_CHARS_MAX = 300;

const said = textAt('message', 'finding_info.title', 'status_detail');
const who = textAt('actor.user.name', 'user.name', 'actor.user.uid', 'user.uid', 'actor.app_name');
const what = textAt('process.cmd_line', 'http_request.url.url_string', 'query.hostname', 'file.path', 'process.name');
const from = textAt('src_endpoint.ip', 'src_endpoint.hostname', 'device.hostname', 'device.ip');
const to = textAt('dst_endpoint.hostname', 'dst_endpoint.ip');
const patient = textAt('patient.uid', 'patient.hash');

/** One line for people: the event's own message, or class, who, what, from where to where. */
export function describe({ event, className }: RowSource): string {
  const message = said(event);
  if (message !== null) return line(message);
  const name = className.replaceAll('_', ' ');
  const whom = patient(event);
  const target = to(event);
  const source = from(event);
  const parts = [
    name,
    who(event),
    what(event),
    whom === null ? null : `patient ${whom}`,
    source === null ? null : `from ${source}`,
    target === null ? null : `to ${target}`,
  ];
  return line(parts.filter((part) => part !== null).join(' · '));
}

function line(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return (flat.length > LINE_CHARS_MAX ? `${flat.slice(0, LINE_CHARS_MAX - 1)}…` : flat).toWellFormed();
}
