import { bool, hex, keep, str } from '../../../ocsf/codec.ts';
import type { Row } from '../../../ocsf/field-map.ts';
import type { NativeFields } from '../../../types.ts';
import { accountPart, always, baseName, domainPart, hashes, keyPart, numberOf } from './codecs.ts';
import type { Plan } from './plan.ts';
import { fileWithDetails, imageDetails, sysmonProcess, userOf } from './rows.ts';

/** OCSF's numbers for the words of IntegrityLevel. */
const INTEGRITY = { untrusted: 1, low: 2, medium: 3, high: 4, system: 5, protected: 6 };

const PRODUCT = { 'metadata.product.name': 'Sysmon', 'metadata.product.vendor_name': 'Microsoft' };

/** The process that the event is about as its actor: the common form of Sysmon's events. */
const BY_PROCESS: readonly Row[] = [
  ...sysmonProcess({ guid: 'ProcessGuid', pid: 'ProcessId', image: 'Image', user: 'User' }, 'actor.process'),
];

/** Sysmon's numbers of events and what they become; those without a plan are Base Events. */
export const SYSMON: Readonly<Record<string, Plan>> = {
  'sysmon/1': {
    classUid: 1007,
    activityId: 1,
    constants: PRODUCT,
    rows: [
      ...sysmonProcess(
        { guid: 'ProcessGuid', pid: 'ProcessId', image: 'Image', user: 'User', details: true },
        'process',
      ),
      ['CommandLine', 'process.cmd_line'],
      ['CurrentDirectory', 'process.working_directory'],
      ['LogonGuid', 'process.session.uid_alt'],
      ['LogonId', 'process.session.uid'],
      ['TerminalSessionId', 'process.session.terminal'],
      ['IntegrityLevel', 'process.integrity'],
      ['IntegrityLevel', 'process.integrity_id', numberOf(INTEGRITY, 99)],
      ...imageDetails('process.file'),
      ...sysmonProcess(
        { guid: 'ParentProcessGuid', pid: 'ParentProcessId', image: 'ParentImage', user: 'ParentUser' },
        'actor.process',
      ),
      ['ParentCommandLine', 'actor.process.cmd_line'],
    ],
  },
  'sysmon/2': { classUid: 1001, activityId: 6, constants: PRODUCT, rows: fileRows() },
  'sysmon/3': {
    classUid: 4001,
    activityId: 1,
    constants: PRODUCT,
    rows: [
      ...BY_PROCESS,
      ['SourceIp', 'src_endpoint.ip'],
      ['SourceHostname', 'src_endpoint.hostname'],
      ['SourcePort', 'src_endpoint.port'],
      ['DestinationIp', 'dst_endpoint.ip'],
      ['DestinationHostname', 'dst_endpoint.hostname'],
      ['DestinationPort', 'dst_endpoint.port'],
      ['DestinationPortName', 'dst_endpoint.svc_name'],
      ['Protocol', 'connection_info.protocol_name'],
      ['Initiated', 'connection_info.direction_id', keep({ to: direction, from: (value) => value })],
    ],
  },
  'sysmon/5': {
    classUid: 1007,
    activityId: 2,
    constants: PRODUCT,
    rows: [
      ...sysmonProcess({ guid: 'ProcessGuid', pid: 'ProcessId', image: 'Image', user: 'User' }, 'process'),
      // The event is written in the context of the process that ends, and names no other.
      ['ProcessGuid', 'actor.process.uid', keep(str)],
      ['User', 'actor.user.name', accountPart],
      ['User', 'actor.user.domain', domainPart],
    ],
  },
  'sysmon/6': {
    classUid: 1002,
    activityId: 1,
    constants: PRODUCT,
    rows: [
      ...fileWithDetails('ImageLoaded', 'driver.file'),
      ['Hashes', 'driver.file.hashes', hashes],
      ...signature('driver.file'),
    ],
  },
  'sysmon/7': {
    classUid: 1005,
    activityId: 1,
    constants: PRODUCT,
    rows: [
      ...BY_PROCESS,
      ...fileWithDetails('ImageLoaded', 'module.file'),
      ['ImageLoaded', 'module.load_type_id', always(0)],
      ...imageDetails('module.file'),
      ...signature('module.file'),
    ],
  },
  'sysmon/8': {
    classUid: 1007,
    activityId: 4,
    constants: { ...PRODUCT, injection_type_id: 1 },
    rows: [
      ...sourceAndTarget('ProcessGuid'),
      ['NewThreadId', 'process.tid'],
      ['StartModule', 'module.file.path'],
      ['StartModule', 'module.file.name', keep(baseName)],
      ['StartModule', 'module.file.type_id', always(1)],
      ['StartFunction', 'module.function_name'],
      ['StartAddress', 'module.start_address'],
      ['StartAddress', 'module.load_type_id', always(0)],
    ],
  },
  'sysmon/9': {
    classUid: 1001,
    activityId: 2,
    constants: PRODUCT,
    rows: [
      ...BY_PROCESS,
      ['Device', 'file.path'],
      ['Device', 'file.name', keep(baseName)],
      ['Device', 'file.type_id', always(4)],
    ],
  },
  'sysmon/10': {
    classUid: 1007,
    activityId: 3,
    constants: PRODUCT,
    rows: [
      ...sourceAndTarget('ProcessGUID'),
      ['SourceThreadId', 'actor.process.tid'],
      ['GrantedAccess', 'actual_permissions', hex],
    ],
  },
  'sysmon/11': { classUid: 1001, activityId: 1, constants: PRODUCT, rows: fileRows() },
  'sysmon/12': {
    classUid: 201_001,
    activityId: keyActivity,
    constants: PRODUCT,
    rows: [...BY_PROCESS, ['TargetObject', 'reg_key.path']],
  },
  'sysmon/13': {
    classUid: 201_002,
    activityId: 2,
    constants: PRODUCT,
    rows: [
      ...BY_PROCESS,
      ['TargetObject', 'reg_value.path', keyPart],
      ['TargetObject', 'reg_value.name', keep(baseName)],
      ['Details', 'reg_value.data'],
    ],
  },
  'sysmon/14': {
    classUid: 201_001,
    activityId: 5,
    constants: PRODUCT,
    rows: [...BY_PROCESS, ['NewName', 'reg_key.path'], ['TargetObject', 'prev_reg_key.path']],
  },
  'sysmon/15': {
    classUid: 1001,
    activityId: 1,
    constants: PRODUCT,
    rows: [...fileRows(), ['Hash', 'file.hashes', hashes]],
  },
  'sysmon/17': pipe(),
  'sysmon/18': pipe(),
  'sysmon/22': {
    classUid: 4003,
    activityId: 1,
    constants: PRODUCT,
    host: 'src_endpoint.hostname',
    status: queryStatus,
    rows: [...BY_PROCESS, ['QueryName', 'query.hostname'], ['QueryStatus', 'status_code']],
  },
  'sysmon/23': deleted(),
  'sysmon/26': deleted(),
  'sysmon/27': { classUid: 1001, activityId: 1, constants: PRODUCT, status: 2, rows: [...fileRows(), hashesRow()] },
  'sysmon/28': { classUid: 1001, activityId: 4, constants: PRODUCT, status: 2, rows: [...fileRows(), hashesRow()] },
  'sysmon/29': { classUid: 1001, activityId: 1, constants: PRODUCT, rows: [...fileRows(), hashesRow()] },
};

function hashesRow(): Row {
  return ['Hashes', 'file.hashes', hashes];
}

function fileRows(): Row[] {
  return [...BY_PROCESS, ...fileWithDetails('TargetFilename', 'file')];
}

function deleted(): Plan {
  return {
    classUid: 1001,
    activityId: 4,
    constants: PRODUCT,
    rows: [...fileRows(), hashesRow()],
  };
}

function pipe(): Plan {
  return {
    classUid: 201_003,
    activityId: 1,
    constants: PRODUCT,
    rows: [
      ...BY_PROCESS,
      ['PipeName', 'win_resource.name'],
      ['PipeName', 'win_resource.type', always('Pipe')],
      ['PipeName', 'win_resource.type_id', always(99)],
    ],
  };
}

function sourceAndTarget(guid: 'ProcessGuid' | 'ProcessGUID'): Row[] {
  return [
    ...sysmonProcess(
      { guid: `Source${guid}`, pid: 'SourceProcessId', image: 'SourceImage', user: 'SourceUser' },
      'actor.process',
    ),
    ...sysmonProcess({ guid: `Target${guid}`, pid: 'TargetProcessId', image: 'TargetImage' }, 'process'),
    ...userOf('TargetUser', 'process.user'),
  ];
}

/** Signature of a loaded image. */
function signature(path: string): Row[] {
  return [['SignatureStatus', `${path}.signature.state`]];
}

function direction(value: unknown): number {
  const initiated = bool.to(value);
  return initiated === true ? 2 : initiated === false ? 1 : 0;
}

/** Windows' error number of the look-up; 0 is none. */
function queryStatus(fields: NativeFields): number | undefined {
  const status = fields['QueryStatus'];
  if (status === undefined) return undefined;
  return status === '0' || status === 0 ? 1 : 2;
}

function keyActivity(fields: NativeFields): number {
  switch (fields['EventType']) {
    case 'CreateKey':
      return 1;
    case 'DeleteKey':
    case 'DeleteValue':
      return 4;
    default:
      return 99;
  }
}
