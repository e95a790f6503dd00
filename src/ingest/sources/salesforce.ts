import { textAt } from '../native-value.ts';
import { ip, keep } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { NativeFields } from '../types.ts';

// Event log files: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_eventlogfile_supportedeventtypes.htm

type Kind = 'signin' | 'api';

const ROWS: Row[] = [
  ['REQUEST_ID', 'metadata.uid'],
  ['EVENT_TYPE', 'metadata.event_code'],
  ['TIMESTAMP_DERIVED', 'metadata.original_time'],
  ['ORGANIZATION_ID', 'metadata.tenant_uid'],
  ['USER_ID', 'actor.user.uid'],
  ['USER_NAME', 'actor.user.name'],
  ['USER_TYPE', 'actor.user.type'],
  ['SOURCE_IP', 'src_endpoint.ip', keep(ip)],
  ['CLIENT_IP', 'src_endpoint.ip', keep(ip)],
  ['BROWSER_TYPE', 'http_request.user_agent'],
  ['URI', 'http_request.url.path'],
  ['LOGIN_STATUS', 'status_detail'],
  ['SESSION_KEY', 'actor.session.uid'],
];

const PRODUCT = { 'metadata.product.name': 'Salesforce', 'metadata.product.vendor_name': 'Salesforce' };

const family = defineFamily<Kind>({
  name: 'salesforce',
  title: 'Salesforce',
  maps: {
    signin: defineFieldMap([...ROWS, ['USER_ID', 'user.uid'], ['USER_NAME', 'user.name']], PRODUCT),
    api: defineFieldMap([...ROWS, ['EVENT_TYPE', 'api.operation'], ['ENTITY_NAME', 'resources.0.name']], PRODUCT),
  },
  kind: (fields) => (/^(?:Login|Logout|LoginAs)$/.test(textAt(fields, 'EVENT_TYPE') ?? '') ? 'signin' : 'api'),
  time: (fields, context) => isoTime(fields['TIMESTAMP_DERIVED'], context),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    if (kind === 'api') {
      draft.classUid = 6003;
      draft.activityId = /query|export|report/i.test(operationOf(fields)) ? 2 : 99;
      return;
    }
    const type = textAt(fields, 'EVENT_TYPE');
    draft.classUid = 3002;
    draft.activityId = type === 'Logout' ? 2 : type === 'LoginAs' ? 7 : 1;
    const status = textAt(fields, 'LOGIN_STATUS');
    draft.statusId = status === undefined ? 0 : status === 'LOGIN_NO_ERROR' ? 1 : 2;
    draft.set('service.name', 'Salesforce');
  },
});

function operationOf(fields: NativeFields): string {
  return `${textAt(fields, 'EVENT_TYPE') ?? ''} ${textAt(fields, 'OPERATION_TYPE') ?? ''}`;
}

/** Event log files and real-time events. */
export const salesforce: JsonSource = {
  name: 'salesforce',
  title: 'Salesforce event log files',
  families: [family],
  oracle: 'panther-analysis rule tests',
  shape: 'json',
  accepts: (value) => typeof value['EVENT_TYPE'] === 'string' && 'ORGANIZATION_ID' in value,
  parse: (value) => ({ family: 'salesforce', fields: value }),
};
