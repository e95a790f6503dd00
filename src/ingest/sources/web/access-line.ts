import type { NativeFields } from '../../types.ts';
import { takeRequest } from './fields.ts';

const HOST = '(?:(?<vhost>[\\w.:-]{1,260}) )?';
const CLIENT = '(?<client>[\\da-fA-F.:]{2,45}|[\\w.-]{1,255})';
const USER = ' (?<ident>\\S{1,255}) (?:(?<user>[^[\\]"]{1,255}?) )?';
const TIME = '\\[(?<time>\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})? [+-]\\d{4})\\]';
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
const LINE = new RegExp(
  `^${HOST}${CLIENT}${USER}${TIME} ${QUOTED} (?<status>\\d{3}|-) (?<bytes>\\d{1,15}|-)(?: (?<rest>.*))?$`,
  's',
);
const TAIL = new RegExp(`^${QUOTED} ${QUOTED}(?: (?<rest>.*))?$`, 's');

/**
 * A line of the common or combined log format, with a virtual host in front or fields behind as servers are told to write
 * them (`rest`). Null for any other line.
 */
export function readAccessLine(line: string): NativeFields | null {
  const match = LINE.exec(line);
  const groups = match?.groups;
  if (match === null || groups === undefined) return null;
  const { vhost, client, ident, user, time, status, bytes, rest } = groups;
  const fields: NativeFields = { 'c-ip': client, time };
  if (vhost !== undefined) takeHost(vhost, fields);
  if (ident !== undefined && ident !== '-') fields['ident'] = ident;
  if (user !== undefined && user !== '-') fields['cs-username'] = user;
  takeRequest(match[6] ?? '', fields);
  if (status !== '-') fields['sc-status'] = status;
  if (bytes !== '-') fields['sc-bytes'] = bytes;
  if (rest !== undefined) takeTail(rest, fields);
  return fields;
}

function takeHost(vhost: string, fields: NativeFields): void {
  const colon = vhost.lastIndexOf(':');
  const port = /^\d{1,5}$/.test(vhost.slice(colon + 1)) && colon > 0;
  fields['cs-host'] = port ? vhost.slice(0, colon) : vhost;
  if (port) fields['s-port'] = vhost.slice(colon + 1);
}

function takeTail(rest: string, fields: NativeFields): void {
  const tail = TAIL.exec(rest);
  if (tail === null) {
    fields['rest'] = rest;
    return;
  }
  const [, referer = '', agent = ''] = tail;
  if (referer !== '' && referer !== '-') fields['cs-referer'] = referer;
  if (agent !== '' && agent !== '-') fields['cs-user-agent'] = agent;
  if (tail.groups?.['rest'] !== undefined) fields['rest'] = tail.groups['rest'];
}
