import { entryOf } from '#kernel';
import { textAt } from '../../../native-value.ts';
import { keep, str } from '../../../ocsf/codec.ts';
import type { Row } from '../../../ocsf/field-map.ts';
import type { NativeFields } from '../../../types.ts';
import { HTTP_ACTIVITIES } from '../../http-activity.ts';
import { accountPart, domainPart, longText, verbatim } from './codecs.ts';
import { type Plan, byActivity, sameFor } from './plan.ts';
import { SUBJECT, file, userOf } from './rows.ts';

/** The account under which the event was written: the actor where the event's own fields name none. */
const WRITER: readonly Row[] = [
  ['SecurityUserID', 'actor.user.uid', keep(str)],
  ['UserID', 'actor.user.uid', keep(str)],
  ['AccountName', 'actor.user.name', keep(str)],
];

const WRITING_PROCESS: readonly Row[] = [
  ['ExecutionProcessID', 'actor.process.pid'],
  ['ExecutionThreadID', 'actor.process.tid'],
];

const TASK_NAME: readonly Row[] = [
  ['TaskName', 'job.name'],
  ['UserContext', 'actor.user.name', accountPart],
  ['UserContext', 'actor.user.domain', domainPart],
  ['UserName', 'actor.user.name', accountPart],
  ['UserName', 'actor.user.domain', domainPart],
];

const THREAT: readonly Row[] = [
  ['Detection ID', 'finding_info.uid'],
  ['Threat Name', 'finding_info.title'],
  ['Threat ID', 'finding_info.analytic.uid'],
  ['Category Name', 'finding_info.desc'],
  ['Action Name', 'status_detail'],
  ['Detection User', 'actor.user.name', accountPart],
  ['Detection User', 'actor.user.domain', domainPart],
];

const SESSION: readonly Row[] = [
  ...userOf('User', 'user'),
  ['Address', 'src_endpoint.ip'],
  ['SessionID', 'session.uid'],
];

/** A request as IIS logs it through ETW: the columns of its W3C log. */
const REQUEST: readonly Row[] = [
  ['c-ip', 'src_endpoint.ip'],
  ['s-ip', 'dst_endpoint.ip'],
  ['s-port', 'dst_endpoint.port'],
  ['s-computername', 'dst_endpoint.hostname'],
  ['cs-username', 'actor.user.name'],
  ['cs-method', 'http_request.http_method'],
  ['cs-uri-stem', 'http_request.url.path'],
  ['cs-uri-query', 'http_request.url.query_string'],
  ['cs-host', 'http_request.url.hostname'],
  ['csUser-Agent', 'http_request.user_agent'],
  ['csReferer', 'http_request.referrer'],
  ['cs-version', 'http_request.version'],
  ['cs-bytes', 'http_request.length'],
  ['sc-status', 'http_response.code'],
  ['sc-bytes', 'http_response.length'],
];

/** Logs other than Security and Sysmon, and what their events become. */
export const OTHER_LOGS: Readonly<Record<string, Plan>> = Object.fromEntries<Plan>([
  [
    'iis/6200',
    {
      classUid: 4002,
      activityId: (fields) => entryOf(HTTP_ACTIVITIES, textAt(fields, 'cs-method')) ?? 99,
      status: httpStatus,
      rows: REQUEST,
    },
  ],
  [
    'powershell/4104',
    {
      classUid: 1009,
      activityId: 1,
      constants: { 'script.type_id': 2 },
      rows: [
        ['ScriptBlockText', 'script.script_content', longText],
        ['ScriptBlockId', 'script.uid'],
        ...file('Path', 'script.file'),
        ...WRITER,
        ...WRITING_PROCESS,
      ],
    },
  ],
  [
    'system/7045',
    {
      classUid: 201_004,
      activityId: 1,
      rows: [
        ['ServiceName', 'win_service.name'],
        ['ImagePath', 'win_service.cmd_line'],
        ['ServiceType', 'win_service.service_type'],
        ['StartType', 'win_service.service_start_type'],
        ['AccountName', 'win_service.service_start_name'],
        ['SecurityUserID', 'actor.user.uid', keep(str)],
        ['UserID', 'actor.user.uid', keep(str)],
      ],
    },
  ],
  ...sameFor(['system/104', 'eventlog/104'], {
    classUid: 1008,
    activityId: 1,
    rows: [...SUBJECT, ['Channel', 'log_name', keep(verbatim)], ['EventData_Channel', 'log_name', keep(verbatim)]],
  }),
  ['eventlog/1102', { classUid: 1008, activityId: 1, rows: [...SUBJECT, ['Channel', 'log_name', keep(verbatim)]] }],
  ...byActivity(
    {
      'taskscheduler/106': 1,
      'taskscheduler/140': 2,
      'taskscheduler/141': 3,
      'taskscheduler/142': 5,
      'taskscheduler/100': 6,
      'taskscheduler/107': 6,
      'taskscheduler/110': 6,
      'taskscheduler/129': 6,
      'taskscheduler/200': 6,
      'taskscheduler/102': 99,
      'taskscheduler/201': 99,
    },
    { classUid: 1006, rows: [...TASK_NAME, ['Path', 'job.cmd_line']] },
  ),
  ...sameFor(
    [
      'defender/1006',
      'defender/1007',
      'defender/1008',
      'defender/1015',
      'defender/1116',
      'defender/1117',
      'defender/1118',
      'defender/1119',
    ],
    {
      classUid: 2004,
      activityId: 1,
      severityId: threatSeverity,
      rows: THREAT,
    },
  ),
  ...byActivity(
    { 'terminal-session/21': 1, 'terminal-session/25': 1, 'terminal-session/23': 2, 'terminal-session/24': 2 },
    { classUid: 3002, host: 'dst_endpoint.hostname', constants: { logon_type_id: 10 }, rows: SESSION },
  ),
  [
    'terminal-connection/1149',
    {
      classUid: 3002,
      activityId: 1,
      host: 'dst_endpoint.hostname',
      constants: { logon_type_id: 10 },
      rows: [
        ['Param1', 'user.name'],
        ['Param2', 'user.domain'],
        ['Param3', 'src_endpoint.ip'],
      ],
    },
  ],
]);

/** Failure from 400 on. */
function httpStatus(fields: NativeFields): number | undefined {
  const code = Number(textAt(fields, 'sc-status') ?? Number.NaN);
  return Number.isInteger(code) && code >= 100 ? (code < 400 ? 1 : 2) : undefined;
}

/** Defender's own scale (1 low, 2 moderate, 4 high, 5 severe) in OCSF's. */
const THREAT_SEVERITIES: Readonly<Record<string, number>> = { '1': 2, '2': 3, '4': 4, '5': 5 };

function threatSeverity(fields: NativeFields): number {
  return entryOf(THREAT_SEVERITIES, textAt(fields, 'Severity ID')) ?? 0;
}
