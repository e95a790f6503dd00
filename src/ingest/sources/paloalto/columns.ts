// PAN-OS Administrator's Guide, "Syslog Field Descriptions": the pages of each log type's fields, PAN-OS 9.1 to 11. Later
// versions add columns at the end. Reserved columns have no name.

const LEAD = ['', 'receive_time', 'serial', 'type', 'subtype', '', 'time_generated'];
const SESSION =
  'src_ip dst_ip natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset - sessionid repeatcnt src_port dst_port natsport natdport flags proto action';
const GROUPS = 'dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 vsys_name device_name';
const DEVICES = deviceColumns('src').concat(' ', deviceColumns('dst'));
const PODS = `container_id pod_namespace pod_name src_edl dst_edl hostid serialnumber`;
const APP =
  'subcategory_of_app category_of_app technology_of_app risk_of_app characteristic_of_app container_of_app tunneled_app is_saas_of_app sanctioned_state_of_app';

function deviceColumns(side: 'src' | 'dst'): string {
  return ['category', 'profile', 'model', 'vendor', 'osfamily', 'osversion', 'host', 'mac']
    .map((name) => `${side}_${name}`)
    .join(' ');
}

const LISTS: Readonly<Record<string, string>> = {
  TRAFFIC: `${SESSION} bytes bytes_sent bytes_received packets start elapsed category - seqno actionflags srcloc dstloc - pkts_sent pkts_received session_end_reason ${GROUPS} action_source src_uuid dst_uuid tunnelid monitortag parent_session_id parent_start_time tunnel assoc_id chunks chunks_sent chunks_received rule_uuid http2_connection link_change_count policy_id link_switches sdwan_cluster sdwan_device_type sdwan_cluster_type sdwan_site dynusergroup_name xff_ip ${DEVICES} ${PODS} src_dag dst_dag session_owner high_res_timestamp nsdsai_sst nsdsai_sd ${APP} offloaded`,
  THREAT: `${SESSION} misc threatid category severity direction seqno actionflags srcloc dstloc - contenttype pcap_id filedigest cloud url_idx user_agent filetype xff referer sender subject recipient reportid ${GROUPS} - src_uuid dst_uuid http_method tunnelid monitortag parent_session_id parent_start_time tunnel thr_category contentver - assoc_id ppid http_headers url_category_list rule_uuid http2_connection dynusergroup_name xff_ip ${DEVICES} ${PODS} domain_edl src_dag dst_dag partial_hash high_res_timestamp reason justification nssai_sst ${APP}`,
  SYSTEM: `vsys eventid object - - module severity opaque seqno actionflags ${GROUPS} - - high_res_timestamp`,
  CONFIG: `client_host vsys cmd admin client result path seqno actionflags ${GROUPS} dg_id comment - high_res_timestamp`,
  GLOBALPROTECT: `vsys eventid stage auth_method tunnel_type srcuser srcregion machinename public_ip public_ipv6 private_ip private_ipv6 hostid serialnumber client_ver client_os client_os_ver repeatcnt reason error opaque status location login_duration connect_method error_code portal seqno actionflags high_res_timestamp selection_type response_time priority attempted_gateways gateway ${GROUPS} vsys_id cluster_name`,
  AUTHENTICATION: `vsys ip user normalize_user object authpolicy repeatcnt authid vendor logset serverprofile desc clienttype event factorno seqno actionflags ${GROUPS} vsys_id authproto rule_uuid high_res_timestamp ${deviceColumns('src')} region - user_agent sessionid cluster_name`,
};
/** A configured format of CONFIG has the change itself, which the default one leaves out. */
const CONFIG_WITH_CHANGE = LISTS['CONFIG']?.replace(' path ', ' path before_change_detail after_change_detail ') ?? '';

const COLUMNS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(LISTS).map(([type, list]) => [type, namesOf(list)]),
);
const CHANGE_COLUMNS = namesOf(CONFIG_WITH_CHANGE);

function namesOf(list: string): readonly string[] {
  return [...LEAD, ...list.split(' ').map((column) => (column === '-' ? '' : column))];
}

/** The names of a line's columns by its log type, '' for reserved ones; those of every log for a type without a list. */
export function columnsOf(cells: readonly string[]): readonly string[] {
  const type = cells[3] ?? '';
  if (type === 'CONFIG' && isFlags(cells, CHANGE_COLUMNS)) return CHANGE_COLUMNS;
  return COLUMNS.get(type) ?? LEAD;
}

/** Whether the action flags, which are hexadecimal, stand where a list has them. */
function isFlags(cells: readonly string[], columns: readonly string[]): boolean {
  return /^0x[\da-fA-F]{1,16}$/.test(cells[columns.indexOf('actionflags')] ?? '');
}
