import { textAt } from '../native-value.ts';
import { defineFieldMap } from '../ocsf/field-map.ts';
import { put } from '../ocsf/native.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { Parsed, TableReader, TableSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { EventTime, Family, NativeFields, TimeContext } from '../types.ts';
import { describeRequest, WEB_ROWS } from './web/fields.ts';

// W3C Extended Log File Format, https://www.w3.org/TR/WD-logfile.html; its times are in UTC. The fields as Microsoft's page
// "W3C Extended Log File Format" (table 10.1) names them.

const COLUMNS_MAX = 256;
const MAP = defineFieldMap(
  [...WEB_ROWS, ['cs-uri-query', 'http_request.url.query_string'], ['s-sitename', 'metadata.log_name']],
  {
    'metadata.product.name': 'Internet Information Services',
    'metadata.product.vendor_name': 'Microsoft',
  },
);

/** IIS's requests under W3C names; headers as `cs-user-agent`, `cs-referer`, `cs-cookie`. */
export const iisFamily: Family = defineFamily({
  name: 'iis',
  title: 'Microsoft IIS',
  maps: { request: MAP },
  kind: () => 'request',
  time: iisTime,
  fill: describeRequest,
});

export const iis: TableSource = {
  name: 'iis',
  title: 'Microsoft IIS and other W3C extended logs',
  families: [iisFamily],
  oracle: 'no outside oracle (the vendor’s field list)',
  shape: 'table',
  recognise: (head) =>
    /^#(?:Software|Version|Date|Fields): [^\n]{0,4000}/.test(head.text) && /^#Fields: /m.test(head.text),
  open: (state) => openW3c(state),
};

function openW3c(state: string | null): TableReader {
  let columns = state === null ? [] : state.split(' ').filter(Boolean);
  return {
    line(text) {
      if (text.startsWith('#Fields:')) columns = columnsOf(text);
      return text.startsWith('#') ? null : rowOf(text, columns);
    },
    state: () => columns.join(' '),
  };
}

/** `cs(User-Agent)` is `cs-user-agent` here, as rules name it. */
function columnsOf(line: string): string[] {
  const names = line.slice(8).trim().split(/ +/).slice(0, COLUMNS_MAX);
  return names.map((name) =>
    name.replace(/^([a-z]+)\((.+)\)$/, (_, side: string, header: string) => `${side}-${header.toLowerCase()}`),
  );
}

function rowOf(line: string, columns: readonly string[]): Parsed {
  if (columns.length === 0)
    return { reject: 'bad_csv', reason: 'the row comes before the line that names its columns' };
  const cells = line.trim().split(/ +/, COLUMNS_MAX + 1);
  if (cells.length !== columns.length)
    return { reject: 'bad_csv', reason: `the row has ${cells.length} columns, its header ${columns.length}` };
  const fields: NativeFields = {};
  for (const [i, name] of columns.entries()) {
    const cell = cells[i] ?? '-';
    if (cell !== '-') put(fields, name, cell);
  }
  const stem = textAt(fields, 'cs-uri-stem');
  const query = textAt(fields, 'cs-uri-query');
  if (stem !== undefined) put(fields, 'c-uri', query === undefined ? stem : `${stem}?${query}`);
  return { family: iisFamily.name, fields };
}

function iisTime(fields: NativeFields, context: TimeContext): EventTime | null {
  const { date, time } = fields;
  return typeof date === 'string' && typeof time === 'string' ? isoTime(`${date}T${time}Z`, context) : null;
}
