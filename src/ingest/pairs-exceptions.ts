/** Where an event of ours differs from the published mapping of the same record, and why ours stands. */
export interface PairException {
  /** Path of the mapped file below the folder of pairs. */
  pair: string;
  field: string;
  reason: string;
}

const ZEEK = 'Zeek/v1.3.0';

export const PAIR_EXCEPTIONS: readonly PairException[] = [
  {
    pair: 'Falco/samples/falco.ocsf',
    field: 'class_uid',
    reason: 'security finding 2001 is deprecated since 1.1.0 in favour of detection finding 2004',
  },
  {
    pair: 'Okta/v1.3.0/System_Logs/Account_Change/samples/account_change.ocsf',
    field: 'time',
    reason: 'the record says 2023-09-30T10:42:16Z, and so does the time_dt of the pair; its time is a year later',
  },
  ...['4661/4661', '4663/4663_0', '4673/4673_0'].map((file) => ({
    pair: `Microsoft/Windows_Events/${file}.json`,
    field: 'class_uid',
    reason: 'Windows resource activity was 1010 before 1.0.0; it is 201003 now, and 1010 is peripheral activity',
  })),
  {
    pair: 'Microsoft/Windows_Events/4624/4624_0.json',
    field: 'src_endpoint.port',
    reason: 'the record says that there is no port; 0 is none either',
  },
  {
    pair: `${ZEEK}/conn_log/samples/conn_log.ocsf`,
    field: 'time',
    reason: 'twenty minutes after the ts of the record, and after the moment at which the record was written',
  },
  {
    pair: `${ZEEK}/ftp_log/samples/ftp_log.ocsf`,
    field: 'time',
    reason: 'hours after the ts of the record, and after the moment at which the record was written',
  },
  {
    pair: `${ZEEK}/http_log/samples/http_log.ocsf`,
    field: 'time',
    reason: 'hours after the ts of the record, and after the moment at which the record was written',
  },
  ...['src_endpoint.ip', 'src_endpoint.port', 'dst_endpoint.ip', 'dst_endpoint.port'].map((field) => ({
    pair: 'Cisco/v1.3.0/ASA/302015/samples/cisco_asa_302015.ocsf',
    field,
    reason:
      'an outbound connection was begun by the inner end, which the message names second; the pair takes the first',
  })),
];

/** Mapped files that are not JSON, so that nothing can be compared; the raw records are read all the same. */
export const UNREADABLE_PAIRS: readonly string[] = [
  'AWS/v1.5.0/CloudTrail/Authentication/samples/authentication.ocsf',
  'AWS/v1.5.0/EKS_Audit_Logs/samples/eks.ocsf',
  `${ZEEK}/dns_log/samples/dns_log.ocsf`,
  `${ZEEK}/smtp_log/samples/smtp_log.ocsf`,
];

/** Mapped files whose record no source reads, or that come without one. */
export const PAIRS_WITHOUT_SOURCE: readonly { pair: string; reason: string }[] = [
  { pair: 'Prowler/samples/prowler.ocsf', reason: 'comes without a raw record: Prowler writes OCSF itself' },
];
