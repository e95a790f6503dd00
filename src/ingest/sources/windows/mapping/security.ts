import { entryOf } from '#kernel';
import { textAt } from '../../../native-value.ts';
import { hex, keep } from '../../../ocsf/codec.ts';
import type { Row } from '../../../ocsf/field-map.ts';
import { numberOf, privileges, verbatim } from './codecs.ts';
import { type Plan, byActivity, sameFor } from './plan.ts';
import { CLIENT, SUBJECT, callerProcess, file, target } from './rows.ts';
import { ACCOUNTS } from './security-accounts.ts';
import { NETWORK } from './security-network.ts';

const AUTH_PROTOCOLS = { ntlm: 1, kerberos: 2 };

const LOGON: readonly Row[] = [
  ...SUBJECT,
  ...callerProcess(),
  ...target('user'),
  ...CLIENT,
  ['TargetLogonId', 'session.uid'],
  ['LogonGuid', 'session.uid_alt'],
  ['LogonType', 'logon_type_id'],
  ['AuthenticationPackageName', 'auth_protocol'],
  ['AuthenticationPackageName', 'auth_protocol_id', numberOf(AUTH_PROTOCOLS, 99)],
  ['Status', 'status_code'],
  ['FailureReason', 'status_detail'],
];

const KERBEROS: readonly Row[] = [
  ...target('user', 'TargetSid'),
  ...CLIENT,
  ['ServiceName', 'service.name'],
  ['ServiceSid', 'service.uid'],
  ['LogonGuid', 'session.uid_alt'],
  ['Status', 'status_code'],
];
const IS_KERBEROS = { auth_protocol: 'Kerberos', auth_protocol_id: 2 };

/** Signing in and out. */
const SIGN_IN: [string, Plan][] = [
  ...sameFor(['security/4624', 'security/4625'], {
    classUid: 3002,
    activityId: 1,
    host: 'dst_endpoint.hostname',
    rows: LOGON,
  }),
  ...sameFor(['security/4634', 'security/4647'], {
    classUid: 3002,
    activityId: 2,
    host: 'dst_endpoint.hostname',
    rows: LOGON,
  }),
  [
    'security/4648',
    {
      classUid: 3002,
      activityId: 1,
      rows: [
        ...SUBJECT,
        ...callerProcess(),
        ...CLIENT,
        ['TargetUserName', 'user.name'],
        ['TargetDomainName', 'user.domain'],
        ['TargetServerName', 'dst_endpoint.hostname'],
        ['TargetInfo', 'dst_endpoint.name'],
        ['TargetLogonGuid', 'session.uid_alt'],
      ],
    },
  ],
  [
    'security/4776',
    {
      classUid: 3002,
      activityId: 1,
      host: 'dst_endpoint.hostname',
      constants: { auth_protocol: 'NTLM', auth_protocol_id: 1 },
      rows: [
        ['TargetUserName', 'user.name'],
        ['Workstation', 'src_endpoint.name'],
        ['Status', 'status_code'],
      ],
    },
  ],
  ...byActivity(
    {
      'security/4768': 3,
      'security/4769': 4,
      'security/4770': 5,
      'security/4771': 6,
      'security/4772': 3,
      'security/4773': 4,
    },
    { classUid: 3002, constants: IS_KERBEROS, rows: KERBEROS },
  ),
  ...sameFor(['security/4778', 'security/4779'], {
    classUid: 3002,
    activityId: 99,
    host: 'dst_endpoint.hostname',
    rows: [
      ['AccountName', 'user.name'],
      ['AccountDomain', 'user.domain'],
      ['LogonID', 'session.uid'],
      ['ClientName', 'src_endpoint.name'],
      ['ClientAddress', 'src_endpoint.ip'],
    ],
  }),
  ...sameFor(['security/4800', 'security/4801'], {
    classUid: 3002,
    activityId: 99,
    host: 'dst_endpoint.hostname',
    rows: [...target('user'), ['TargetLogonId', 'session.uid']],
  }),
];

/** What accounts may do. */
const RIGHTS: [string, Plan][] = [
  [
    'security/4672',
    {
      classUid: 3003,
      activityId: 1,
      rows: [
        ['SubjectUserSid', 'user.uid'],
        ['SubjectUserName', 'user.name'],
        ['SubjectDomainName', 'user.domain'],
        ['SubjectLogonId', 'session.uid'],
        ['PrivilegeList', 'privileges', privileges],
      ],
    },
  ],
  [
    'security/4703',
    {
      classUid: 3005,
      activityId: 1,
      rows: [...SUBJECT, ...callerProcess(), ...target('user'), ['EnabledPrivilegeList', 'privileges', privileges]],
    },
  ],
  ...byActivity(
    { 'security/4704': 1, 'security/4705': 2 },
    { classUid: 3005, rows: [...SUBJECT, ['TargetSid', 'user.uid'], ['PrivilegeList', 'privileges', privileges]] },
  ),
];

/** Kinds of objects, in lower case, that OCSF numbers. */
const OBJECT_TYPES = {
  directory: 1,
  event: 2,
  timer: 3,
  device: 4,
  mutant: 5,
  type: 6,
  file: 7,
  token: 8,
  thread: 9,
  section: 10,
  windowstation: 11,
  debugobject: 12,
  driver: 15,
  iocompletion: 16,
  symboliclink: 18,
  wmiguid: 19,
  process: 20,
  desktop: 22,
  key: 25,
  callback: 27,
  semaphore: 28,
  job: 29,
  port: 30,
  'alpc port': 32,
  sam_alias: 33,
  sam_group: 34,
  sam_user: 35,
  sam_domain: 36,
  sam_server: 37,
};

const OBJECT: readonly Row[] = [
  ...SUBJECT,
  ...callerProcess(),
  ['ObjectServer', 'win_resource.svc_name'],
  ['ObjectName', 'win_resource.name'],
  ['ObjectType', 'win_resource.type'],
  ['ObjectType', 'win_resource.type_id', numberOf(OBJECT_TYPES, 99)],
  ['HandleId', 'win_resource.uid'],
];

/** Files, keys and other things of Windows that are guarded by permissions. */
const OBJECTS: [string, Plan][] = [
  ['security/4663', { classUid: 201_003, activityId: 1, rows: OBJECT }],
  ['security/4662', { classUid: 201_003, activityId: 1, rows: OBJECT }],
  ...sameFor(['security/4656', 'security/4658', 'security/4659', 'security/4660', 'security/4661', 'security/4670'], {
    classUid: 201_003,
    activityId: 99,
    rows: OBJECT,
  }),
  [
    'security/4690',
    {
      classUid: 201_003,
      activityId: 99,
      rows: [
        ...SUBJECT,
        ['SourceProcessId', 'actor.process.pid', hex],
        ['SourceHandleId', 'win_resource.uid'],
        ['TargetHandleId', 'win_resource.uid_alt'],
      ],
    },
  ],
  [
    'security/4673',
    {
      classUid: 201_003,
      activityId: 1,
      rows: [
        ...SUBJECT,
        ...callerProcess(),
        ['Service', 'win_resource.name', verbatim],
        ['ObjectServer', 'win_resource.type'],
      ],
    },
  ],
  ['security/4674', { classUid: 201_003, activityId: 1, rows: OBJECT }],
  [
    'security/4657',
    {
      classUid: 201_002,
      activityId: (fields) => entryOf(REGISTRY_OPERATIONS, textAt(fields, 'OperationType')) ?? 99,
      rows: [
        ...SUBJECT,
        ...callerProcess(),
        ['ObjectName', 'reg_value.path'],
        ['ObjectValueName', 'reg_value.name'],
        ['NewValue', 'reg_value.data'],
        ['NewValueType', 'reg_value.type'],
      ],
    },
  ],
];

/** Windows writes the operation on a registry value as the number of a message. */
const REGISTRY_OPERATIONS: Readonly<Record<string, number>> = { '%%1904': 2, '%%1905': 3, '%%1906': 4 };

/** Processes, services and tasks. */
const PROGRAMS: [string, Plan][] = [
  [
    'security/4688',
    {
      classUid: 1007,
      activityId: 1,
      rows: [
        ...SUBJECT,
        ...callerProcess('ProcessId', 'ParentProcessName'),
        ['NewProcessId', 'process.pid', hex],
        ...file('NewProcessName', 'process.file'),
        ['CommandLine', 'process.cmd_line'],
        ['MandatoryLabel', 'process.integrity'],
        ...target('process.user'),
        ['TargetLogonId', 'process.session.uid'],
      ],
    },
  ],
  [
    'security/4689',
    {
      classUid: 1007,
      activityId: 2,
      rows: [
        ...SUBJECT,
        ['ProcessId', 'process.pid', hex],
        ...file('ProcessName', 'process.file'),
        ['Status', 'status_code'],
      ],
    },
  ],
  [
    'security/4697',
    {
      classUid: 201_004,
      activityId: 1,
      rows: [
        ...SUBJECT,
        ['ServiceName', 'win_service.name'],
        ['ServiceFileName', 'win_service.cmd_line'],
        ['ServiceAccount', 'win_service.service_start_name'],
        ['ServiceType', 'win_service.service_type'],
        ['ServiceStartType', 'win_service.service_start_type'],
      ],
    },
  ],
  ...byActivity(
    { 'security/4698': 1, 'security/4699': 3, 'security/4700': 4, 'security/4701': 5, 'security/4702': 2 },
    { classUid: 1006, rows: [...SUBJECT, ['TaskName', 'job.name']] },
  ),
];

/** The log itself. */
const LOG: [string, Plan][] = [
  ...byActivity(
    {
      'security/1102': 1,
      'security/1100': 7,
      'security/1104': 99,
      'security/1105': 4,
      'security/4608': 6,
      'security/4609': 7,
    },
    { classUid: 1008, status: 1, rows: [...SUBJECT, ['Channel', 'log_name', keep(verbatim)]] },
  ),
];

/** Kinds of the Security log and what they become. */
export const SECURITY: Readonly<Record<string, Plan>> = Object.fromEntries([
  ...SIGN_IN,
  ...RIGHTS,
  ...OBJECTS,
  ...PROGRAMS,
  ...ACCOUNTS,
  ...NETWORK,
  ...LOG,
]);
