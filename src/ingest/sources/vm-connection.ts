import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { defineFieldMap } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Family } from '../types.ts';

// https://learn.microsoft.com/azure/azure-monitor/reference/tables/vmconnection

const MAP = defineFieldMap(
  [
    ['SourceIp', 'src_endpoint.ip'],
    ['DestinationIp', 'dst_endpoint.ip'],
    ['DestinationPort', 'dst_endpoint.port'],
    ['Protocol', 'connection_info.protocol_name'],
    ['ConnectionId', 'connection_info.uid'],
    ['BytesSent', 'traffic.bytes_out'],
    ['BytesReceived', 'traffic.bytes_in'],
    ['Process', 'actor.process.uid'],
    ['ProcessName', 'actor.process.name'],
    ['Computer', 'device.hostname'],
    ['Type', 'metadata.log_name'],
  ],
  { 'metadata.product.name': 'VM insights', 'metadata.product.vendor_name': 'Microsoft' },
);

const DIRECTIONS: Readonly<Record<string, number>> = { inbound: 1, outbound: 2 };

/** Connections that Azure's VM insights saw a machine make or take. */
export const vmConnectionFamily: Family = defineFamily({
  name: 'vmconnection',
  title: 'Azure VM insights connections',
  maps: { connection: MAP },
  kind: () => 'connection',
  time: (fields, context) => isoTime(fields['TimeGenerated'], context),
  fill(fields, draft) {
    draft.classUid = 4001;
    draft.activityId = 6;
    draft.severityId = 1;
    draft.set('connection_info.direction_id', entryOf(DIRECTIONS, textAt(fields, 'Direction')) ?? 0);
  },
});

export const vmConnection: JsonSource = {
  name: 'vmconnection',
  title: 'Azure VM insights connections (VMConnection)',
  families: [vmConnectionFamily],
  oracle: '1 public attack capture',
  shape: 'json',
  accepts: (value) => value['Type'] === 'VMConnection' && value['TimeGenerated'] !== undefined,
  parse: (value) => ({ family: vmConnectionFamily.name, fields: value }),
};
