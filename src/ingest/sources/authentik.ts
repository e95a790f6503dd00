import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { keep, str } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { NativeFields } from '../types.ts';

// Events: https://docs.goauthentik.io/sys-mgmt/events/event-actions/

type Kind = 'signin' | 'account' | 'api';

const ROWS: Row[] = [
  ['timestamp', 'metadata.original_time'],
  ['request_id', 'metadata.uid'],
  ['action', 'metadata.event_code'],
  ['logger', 'metadata.log_name'],
  ['event', 'message'],
  ['client_ip', 'src_endpoint.ip'],
];

const SIGNIN_ROWS: Row[] = [
  ...ROWS,
  ['host', 'dst_endpoint.hostname'],
  ['user/username', 'actor.user.name'],
  ['user/email', 'actor.user.email_addr'],
  ['context/username', 'user.name', keep(str)],
  ['identifier', 'user.name', keep(str)],
  ['context/http_request/path', 'http_request.url.path'],
  ['context/http_request/method', 'http_request.http_method'],
  ['context/geo/city', 'src_endpoint.location.city'],
  ['context/geo/country', 'src_endpoint.location.country'],
  ['context/geo/continent', 'src_endpoint.location.continent'],
  ['context/geo/lat', 'src_endpoint.location.lat'],
  ['context/geo/long', 'src_endpoint.location.long'],
  ['context/auth_method', 'auth_protocol'],
];

const API_ROWS: Row[] = [
  ...ROWS,
  ['host', 'dst_endpoint.hostname'],
  ['user/username', 'actor.user.name'],
  ['user/email', 'actor.user.email_addr'],
  ['action', 'api.operation'],
  ['context/model/name', 'resources.0.name'],
  ['context/model/pk', 'resources.0.uid'],
  ['context/model/model_name', 'resources.0.type'],
];

const ACCOUNT_ROWS: Row[] = [...ROWS, ['user/username', 'user.name'], ['user/email', 'user.email_addr']];

const PRODUCT = { 'metadata.product.name': 'authentik', 'metadata.product.vendor_name': 'Authentik Security' };

/** Action → activity and status of Authentication. */
const SIGNINS: Readonly<Record<string, readonly [activity: number, status: number]>> = {
  login: [1, 1],
  login_failed: [1, 2],
  invalid_identifier: [1, 2],
  logout: [2, 1],
  suspicious_request: [99, 0],
  impersonation_started: [7, 1],
  impersonation_ended: [7, 1],
};

const API_ACTIVITIES: Readonly<Record<string, number>> = {
  model_created: 1,
  secret_view: 2,
  model_updated: 3,
  model_deleted: 4,
};

const family = defineFamily<Kind>({
  name: 'authentik',
  title: 'authentik',
  maps: {
    signin: defineFieldMap(SIGNIN_ROWS, PRODUCT),
    account: defineFieldMap(ACCOUNT_ROWS, PRODUCT),
    api: defineFieldMap(API_ROWS, PRODUCT),
  },
  kind: kindOf,
  time: (fields, context) => isoTime(fields['timestamp'], context),
  fill(fields, draft, kind) {
    draft.severityId = 1;
    const action = textAt(fields, 'action') ?? '';
    if (kind === 'signin') {
      draft.classUid = 3002;
      const [activity, status] = entryOf(SIGNINS, action) ?? [99, 0];
      draft.activityId = activity;
      draft.statusId = status;
      // A failed sign-in names the user it was for in its context; else the user who acted is the one signed in.
      const named = textAt(fields, 'context', 'username') ?? textAt(fields, 'identifier');
      if (named === undefined) draft.set('user.name', textAt(fields, 'user', 'username'));
    } else if (kind === 'account') {
      draft.classUid = 3001;
      draft.activityId = action === 'password_set' ? 3 : 99;
      draft.statusId = 1;
    } else {
      draft.classUid = 6003;
      draft.activityId = entryOf(API_ACTIVITIES, action) ?? 99;
    }
  },
});

function kindOf(fields: NativeFields): Kind {
  const action = textAt(fields, 'action') ?? '';
  if (Object.hasOwn(SIGNINS, action)) return 'signin';
  return action === 'password_set' ? 'account' : 'api';
}

/** The JSON log of the server; its times have no zone. */
export const authentik: JsonSource = {
  name: 'authentik',
  title: 'authentik events',
  families: [family],
  oracle: 'CrowdSec hub logs',
  shape: 'json',
  accepts: (value) =>
    typeof value['logger'] === 'string' && value['logger'].startsWith('authentik.') && 'action' in value,
  parse: (value) => ({ family: 'authentik', fields: value }),
};
