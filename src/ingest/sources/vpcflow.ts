import { textAt } from '../native-value.ts';
import { msFromSeconds, words } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { put } from '../ocsf/native.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { Parsed, TableReader, TableSource } from '../source.ts';
import { epochTime } from '../time.ts';
import type { Head, NativeFields } from '../types.ts';

// Record fields: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html

const ROWS: Row[] = [
  ['version', 'metadata.product.version'],
  ['account-id', 'cloud.account.uid'],
  ['region', 'cloud.region'],
  ['az-id', 'cloud.zone'],
  ['srcaddr', 'src_endpoint.ip'],
  ['srcport', 'src_endpoint.port'],
  ['pkt-src-aws-service', 'src_endpoint.svc_name'],
  ['dstaddr', 'dst_endpoint.ip'],
  ['dstport', 'dst_endpoint.port'],
  ['pkt-dst-aws-service', 'dst_endpoint.svc_name'],
  ['interface-id', 'dst_endpoint.interface_uid'],
  ['instance-id', 'dst_endpoint.instance_uid'],
  ['subnet-id', 'dst_endpoint.subnet_uid'],
  ['vpc-id', 'dst_endpoint.vpc_uid'],
  ['protocol', 'connection_info.protocol_num'],
  ['tcp-flags', 'connection_info.tcp_flags'],
  ['type', 'connection_info.protocol_ver'],
  ['flow-direction', 'connection_info.direction_id', words({ ingress: 1, egress: 2 })],
  ['packets', 'traffic.packets'],
  ['bytes', 'traffic.bytes'],
  ['start', 'start_time', msFromSeconds],
  ['end', 'end_time', msFromSeconds],
  ['action', 'action'],
  ['log-status', 'status_code'],
];

const MAP = defineFieldMap(ROWS, {
  'metadata.product.name': 'Amazon VPC',
  'metadata.product.vendor_name': 'AWS',
  'metadata.product.feature.name': 'Flowlogs',
});

const family = defineFamily<'flow'>({
  name: 'vpcflow',
  title: 'AWS VPC flow logs',
  maps: { flow: MAP },
  kind: () => 'flow',
  time: (fields) => epochTime(fields['start'], 's'),
  fill(fields, draft) {
    draft.classUid = 4001;
    draft.severityId = 1;
    const action = textAt(fields, 'action');
    draft.activityId = action === 'REJECT' ? 5 : 6;
    draft.set('action_id', action === 'REJECT' ? 2 : action === 'ACCEPT' ? 1 : 0);
    draft.set('disposition_id', action === 'REJECT' ? 2 : action === 'ACCEPT' ? 1 : 0);
    draft.set('cloud.provider', 'AWS');
  },
});

/** The default format, which files without a header have. */
const DEFAULT_COLUMNS =
  'version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status'.split(
    ' ',
  );
const DEFAULT_LINE =
  /^2 (?:\d{12}|unknown) eni-[0-9a-f]+ \S+ \S+ (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) \d+ \d+ (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)\s*$/;
const COLUMNS_MAX = 64;

/** Header names in AWS's own spelling; the data lake's have underscores and commas. */
function columnsOf(line: string): string[] | null {
  const names = line
    .trim()
    .split(/[ ,]/)
    .map((name) => name.replaceAll('_', '-'));
  const isHeader = names.includes('srcaddr') && names.includes('dstaddr') && names.length <= COLUMNS_MAX;
  return isHeader ? names : null;
}

function openReader(state: string | null): TableReader {
  let columns: string[] | null = state === null ? null : state.split(' ');
  return {
    line(text): Parsed {
      if (text.trim() === '') return null;
      const header = columnsOf(text);
      if (header !== null) {
        columns = header;
        return null;
      }
      return row(text, columns ?? DEFAULT_COLUMNS);
    },
    state: () => (columns ?? DEFAULT_COLUMNS).join(' '),
  };
}

function row(text: string, columns: readonly string[]): Parsed {
  const values = text.trim().split(text.includes(',') ? ',' : / +/);
  if (values.length !== columns.length)
    return { reject: 'bad_csv', reason: `the line has ${values.length} columns, its header ${columns.length}` };
  const fields: NativeFields = {};
  columns.forEach((name, index) => put(fields, name, values[index]));
  return { family: 'vpcflow', fields };
}

/** Flow logs as text: the default format, or custom fields under a header. */
export const vpcflow: TableSource = {
  name: 'vpcflow',
  title: 'AWS VPC flow logs',
  families: [family],
  oracle: '1 raw/OCSF pair; the default format also the vendor’s page',
  shape: 'table',
  recognise({ text }: Head) {
    const [first = ''] = text.split('\n', 1);
    return columnsOf(first) !== null || DEFAULT_LINE.test(first);
  },
  open: openReader,
};
