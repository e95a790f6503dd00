// PAN-OS Administrator's Guide, "Syslog Field Descriptions", PAN-OS 10 and 11. Reserved columns have no name.

const LEAD = ['', 'receive_time', 'serial', 'type', 'subtype', '', 'time_generated'];
const SESSION =
  'src_ip dst_ip natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset - sessionid repeatcnt src_port dst_port natsport natdport flags proto action';
const GROUPS = 'dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name';

const LISTS: Readonly<Record<string, string>> = {
  TRAFFIC: `${SESSION} bytes bytes_sent bytes_received packets start elapsed category - seqno actionflags srcloc dstloc - pkts_sent pkts_received session_end_reason ${GROUPS} action_source src_uuid dst_uuid tunnelid monitortag parent_session_id parent_start_time tunnel assoc_id chunks chunks_sent chunks_received rule_uuid`,
  THREAT: `${SESSION} misc threatid category severity direction seqno actionflags srcloc dstloc - contenttype pcap_id filedigest cloud url_idx user_agent filetype xff referer sender subject recipient reportid ${GROUPS} - src_uuid dst_uuid http_method tunnelid monitortag parent_session_id parent_start_time tunnel thr_category contentver`,
  SYSTEM: `vsys eventid object - - module severity opaque seqno actionflags ${GROUPS}`,
  CONFIG: `host vsys cmd admin client result path seqno actionflags ${GROUPS}`,
  GLOBALPROTECT:
    'vsys eventid stage auth_method tunnel_type srcuser srcregion machinename public_ip public_ipv6 private_ip private_ipv6 hostid serialnumber client_ver client_os client_os_ver repeatcnt reason error opaque status location login_duration connect_method error_code portal seqno actionflags',
};

const COLUMNS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(LISTS).map(([type, list]) => [
    type,
    [...LEAD, ...list.split(' ').map((column) => (column === '-' ? '' : column))],
  ]),
);

/** The names of a log type's columns, '' for reserved ones; those of every log for a type without a list. */
export function columnsOf(type: string): readonly string[] {
  return COLUMNS.get(type) ?? LEAD;
}
