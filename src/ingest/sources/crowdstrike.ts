import { objectsAt, pairValue, textAt, valueAt } from '../native-value.ts';
import { baseName, keep, str } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { epochTime, isoTime } from '../time.ts';
import type { Draft, EventTime, NativeFields, TimeContext } from '../types.ts';

// Falcon Data Replicator and Event Streams: field names as the sensor and the API give them.

/** `nested-…` have the sensor's fields under `event` too (exports); `stream-…` are of the Event Streams API. */
type Act = 'process' | 'dns' | 'logon' | 'network' | 'sensor';
type Kind = Act | `nested-${Act}` | 'stream-signin' | 'stream-account' | 'stream-detection' | 'stream-api' | 'other';

const SENSOR_ROWS: Row[] = [
  ['id', 'metadata.uid'],
  ['cid', 'metadata.tenant_uid'],
  ['event_simpleName', 'metadata.event_code'],
  ['name', 'metadata.log_name'],
  ['timestamp', 'metadata.original_time'],
  ['aid', 'device.uid'],
  ['aip', 'device.ip'],
  ['event_platform', 'device.os.name'],
  ['ComputerName', 'device.hostname'],
];

const actRows: Readonly<Record<Act, (at: string) => Row[]>> = {
  process: (at) => [
    [`${at}ImageFileName`, 'process.file.path'],
    [`${at}ImageFileName`, 'process.file.name', baseName],
    [`${at}ImageFileName`, 'process.name', baseName],
    [`${at}SHA256HashData`, 'process.file.hashes.0.value'],
    [`${at}CommandLine`, 'process.cmd_line'],
    [`${at}RawProcessId`, 'process.pid'],
    [`${at}TargetProcessId`, 'process.uid'],
    [`${at}ParentProcessId`, 'process.parent_process.uid'],
    [`${at}ParentProcessId`, 'actor.process.uid'],
    [`${at}ParentBaseFileName`, 'process.parent_process.name'],
    [`${at}ParentBaseFileName`, 'actor.process.name'],
    [`${at}UserSid`, 'process.user.uid'],
    [`${at}UserName`, 'process.user.name'],
    [`${at}UserSid`, 'actor.user.uid'],
    [`${at}UserName`, 'actor.user.name'],
  ],
  dns: (at) => [
    ['aid', 'src_endpoint.uid'],
    ['aip', 'src_endpoint.ip'],
    [`${at}DomainName`, 'query.hostname'],
    [`${at}RequestType`, 'query.type'],
    [`${at}ContextProcessId`, 'actor.process.uid'],
  ],
  logon: (at) => [
    [`${at}UserName`, 'user.name'],
    [`${at}UserSid`, 'user.uid'],
    [`${at}LogonDomain`, 'user.domain'],
    [`${at}LogonType`, 'logon_type_id'],
    [`${at}RemoteAddressIP4`, 'src_endpoint.ip'],
    [`${at}LogonServer`, 'service.name'],
  ],
  network: (at) => [
    [`${at}LocalAddressIP4`, 'src_endpoint.ip'],
    [`${at}LocalPort`, 'src_endpoint.port'],
    [`${at}RemoteAddressIP4`, 'dst_endpoint.ip'],
    [`${at}RemotePort`, 'dst_endpoint.port'],
    [`${at}Protocol`, 'connection_info.protocol_num'],
    [`${at}ContextProcessId`, 'actor.process.uid'],
  ],
  sensor: () => [],
};

const STREAM_ROWS: Row[] = [
  ['metadata/customerIDString', 'metadata.tenant_uid'],
  ['metadata/eventType', 'metadata.event_code'],
  ['metadata/eventCreationTime', 'metadata.original_time'],
  ['metadata/offset', 'metadata.uid'],
  ['event/UserId', 'actor.user.name'],
  ['event/UserIp', 'src_endpoint.ip'],
];

const DETECTION_ROWS: Row[] = [
  ...STREAM_ROWS.slice(0, 4),
  ['event/DetectId', 'finding_info.uid', keep(str)],
  ['event/CompositeId', 'finding_info.uid', keep(str)],
  ['event/DetectName', 'finding_info.title'],
  ['event/DetectDescription', 'finding_info.desc'],
  ['event/FalconHostLink', 'finding_info.src_url'],
  ['event/ComputerName', 'device.hostname'],
  ['event/LocalIP', 'device.ip'],
  ['event/UserName', 'actor.user.name'],
];

const PRODUCT = { 'metadata.product.name': 'Falcon', 'metadata.product.vendor_name': 'CrowdStrike' };
const PROCESS_PRODUCT = { ...PRODUCT, 'process.file.hashes.0.algorithm_id': 3, 'process.file.type_id': 1 };

const sensorMap = (act: Act, at: string): FieldMap =>
  defineFieldMap([...SENSOR_ROWS, ...actRows[act](at)], act === 'process' ? PROCESS_PRODUCT : PRODUCT);

const family = defineFamily<Kind>({
  name: 'crowdstrike',
  title: 'CrowdStrike Falcon',
  maps: {
    process: sensorMap('process', ''),
    dns: sensorMap('dns', ''),
    logon: sensorMap('logon', ''),
    network: sensorMap('network', ''),
    sensor: sensorMap('sensor', ''),
    'nested-process': sensorMap('process', 'event/'),
    'nested-dns': sensorMap('dns', 'event/'),
    'nested-logon': sensorMap('logon', 'event/'),
    'nested-network': sensorMap('network', 'event/'),
    'nested-sensor': sensorMap('sensor', 'event/'),
    'stream-signin': defineFieldMap(
      [...STREAM_ROWS, ['event/UserId', 'user.name'], ['event/ServiceName', 'service.name']],
      PRODUCT,
    ),
    'stream-account': defineFieldMap(STREAM_ROWS, PRODUCT),
    'stream-detection': defineFieldMap(DETECTION_ROWS, PRODUCT),
    'stream-api': defineFieldMap(
      [...STREAM_ROWS, ['event/OperationName', 'api.operation'], ['event/ServiceName', 'api.service.name']],
      PRODUCT,
    ),
    other: defineFieldMap(
      [
        ['cid', 'metadata.tenant_uid'],
        ['timestamp', 'metadata.original_time'],
      ],
      PRODUCT,
    ),
  },
  kind: kindOf,
  time: timeOf,
  fill(fields, draft, kind) {
    draft.severityId = 1;
    if (kind.startsWith('stream-')) fillStream(kind, fields, draft);
    else fillSensor(kind.replace('nested-', ''), draft);
  },
});

function simpleName(fields: NativeFields): string | undefined {
  return (
    textAt(fields, 'event_simpleName') ??
    textAt(fields, 'fdr_event_type') ??
    textAt(fields, 'event', 'event_simpleName')
  );
}

function kindOf(fields: NativeFields): Kind {
  if (valueAt(fields, 'metadata', 'eventType') !== undefined) return streamKind(fields);
  const name = simpleName(fields);
  if (name === undefined) return 'other';
  const act = actOf(name);
  return valueAt(fields, 'event') === undefined ? act : `nested-${act}`;
}

function actOf(name: string): Act {
  if (/^(?:Synthetic)?ProcessRollup2$/.test(name)) return 'process';
  if (name === 'DnsRequest') return 'dns';
  if (/^UserLogon(?:Failed2?)?$/.test(name)) return 'logon';
  return /^Network(?:Connect|ReceiveAccept|Listen)IP4$/.test(name) ? 'network' : 'sensor';
}

function streamKind(fields: NativeFields): Kind {
  const type = textAt(fields, 'metadata', 'eventType') ?? '';
  if (/DetectionSummary/.test(type)) return 'stream-detection';
  const operation = textAt(fields, 'event', 'OperationName') ?? '';
  if (/^(?:userAuthenticate|twoFactorAuthenticate|saml2?Assert)/i.test(operation)) return 'stream-signin';
  const target = pairValue(objectsAt(fields, 'event', 'AuditKeyValues'), 'target_name');
  return /User/.test(operation) && target !== undefined ? 'stream-account' : 'stream-api';
}

function timeOf(fields: NativeFields, context: TimeContext): EventTime | null {
  if (valueAt(fields, 'metadata', 'eventType') !== undefined) {
    const created = valueAt(fields, 'metadata', 'eventCreationTime');
    return epochTime(created, 'ms') ?? isoTime(created, context);
  }
  return epochTime(fields['timestamp'], 'ms') ?? isoTime(fields['timestamp'], context);
}

const SENSOR_CLASSES: Readonly<Record<string, readonly [classUid: number, activity: number]>> = {
  process: [1007, 1],
  dns: [4003, 1],
  logon: [3002, 1],
  network: [4001, 1],
};

function fillSensor(act: string, draft: Draft): void {
  // The sensor has hundreds of events; those without a class of their own stay Base Events of their device.
  const [classUid, activity] = SENSOR_CLASSES[act] ?? [0, 99];
  draft.classUid = classUid;
  draft.activityId = activity;
}

function fillStream(kind: Kind, fields: NativeFields, draft: Draft): void {
  const success = valueAt(fields, 'event', 'Success');
  if (kind !== 'stream-detection' && typeof success === 'boolean') draft.statusId = success ? 1 : 2;
  const operation = textAt(fields, 'event', 'OperationName') ?? '';
  const pairs = objectsAt(fields, 'event', 'AuditKeyValues');
  if (kind === 'stream-signin') {
    draft.classUid = 3002;
    draft.activityId = 1;
  } else if (kind === 'stream-account') {
    const roles = pairValue(pairs, 'roles');
    const isAccess = operation.endsWith('Roles') && roles !== undefined;
    draft.classUid = isAccess ? 3005 : 3001;
    draft.activityId = isAccess ? (operation.startsWith('revoke') ? 2 : 1) : accountActivity(operation);
    if (isAccess) draft.set('privileges', roles.split(','));
    draft.set('user.name', pairValue(pairs, 'target_name'));
    draft.set('user.uid', pairValue(pairs, 'target_user_uuid'));
  } else if (kind === 'stream-detection') {
    draft.classUid = 2004;
    draft.activityId = 1;
    const severity = Number(textAt(fields, 'event', 'Severity') ?? '0');
    draft.severityId = severity >= 1 && severity <= 5 ? severity : 0;
  } else {
    draft.classUid = 6003;
    draft.activityId = /^(?:create|add)/i.test(operation)
      ? 1
      : /^(?:update|set)/i.test(operation)
        ? 3
        : /^(?:delete|remove)/i.test(operation)
          ? 4
          : 99;
  }
}

function accountActivity(operation: string): number {
  if (operation.startsWith('create')) return 1;
  if (operation.startsWith('delete')) return 6;
  if (/deactivate|disable/i.test(operation)) return 5;
  return /reset.*password/i.test(operation) ? 4 : /changePassword/i.test(operation) ? 3 : 99;
}

/** Falcon Data Replicator files and the Event Streams API. */
export const crowdstrike: JsonSource = {
  name: 'crowdstrike',
  title: 'CrowdStrike Falcon',
  families: [family],
  oracle: 'panther-analysis rule tests',
  shape: 'json',
  accepts(value) {
    if ('cid' in value && ('aid' in value || 'unknown_payload' in value || 'PatternDispositionValue' in value))
      return true;
    return typeof valueAt(value, 'metadata', 'customerIDString') === 'string' && 'event' in value;
  },
  parse(value) {
    const { event_simplename: folded, ...rest } = value;
    const isFolded = folded !== undefined && !('event_simpleName' in value);
    return { family: 'crowdstrike', fields: isFolded ? { ...rest, event_simpleName: folded } : value };
  },
};
