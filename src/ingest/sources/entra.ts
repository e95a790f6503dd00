import { objectsAt, respell, spellings, textAt, valueAt } from '../native-value.ts';
import { ip, keep } from '../ocsf/codec.ts';
import { defineFieldMap, type FieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Draft, NativeFields } from '../types.ts';

// Sign-ins: https://learn.microsoft.com/graph/api/resources/signin
// Audit: https://learn.microsoft.com/graph/api/resources/directoryaudit

/** `graph-…` are the resources of Microsoft Graph; the others wrap the same under `properties` (diagnostic settings). */
type Shape = '' | 'graph-';
type Act = 'signin' | 'service-signin' | 'user' | 'group' | 'role' | 'entity' | 'api';
type Kind = `${Shape}${Act}`;

const signInRows = (at: string): Row[] => [
  [`${at}id`, 'metadata.uid'],
  [`${at}createdDateTime`, 'metadata.original_time'],
  [`${at}userPrincipalName`, 'user.name'],
  [`${at}userPrincipalName`, 'user.email_addr'],
  [`${at}userPrincipalName`, 'actor.user.name'],
  [`${at}userId`, 'user.uid'],
  [`${at}userId`, 'actor.user.uid'],
  [`${at}userDisplayName`, 'user.full_name'],
  [`${at}userType`, 'user.type'],
  ...originRows(at),
];

const serviceRows = (at: string): Row[] => [
  [`${at}id`, 'metadata.uid'],
  [`${at}createdDateTime`, 'metadata.original_time'],
  [`${at}servicePrincipalName`, 'user.name'],
  [`${at}servicePrincipalName`, 'actor.user.name'],
  [`${at}servicePrincipalId`, 'user.uid'],
  [`${at}servicePrincipalId`, 'actor.user.uid'],
  [`${at}servicePrincipalCredentialKeyId`, 'user.credential_uid'],
  ...originRows(at),
];

function originRows(at: string): Row[] {
  return [
    [`${at}ipAddress`, 'src_endpoint.ip', keep(ip)],
    [`${at}location/city`, 'src_endpoint.location.city'],
    [`${at}location/state`, 'src_endpoint.location.region'],
    [`${at}location/countryOrRegion`, 'src_endpoint.location.country'],
    [`${at}location/geoCoordinates/latitude`, 'src_endpoint.location.lat'],
    [`${at}location/geoCoordinates/longitude`, 'src_endpoint.location.long'],
    [`${at}autonomousSystemNumber`, 'src_endpoint.autonomous_system.number'],
    [`${at}deviceDetail/deviceId`, 'src_endpoint.uid'],
    [`${at}deviceDetail/displayName`, 'src_endpoint.name'],
    [`${at}deviceDetail/operatingSystem`, 'src_endpoint.os.name'],
    [`${at}appDisplayName`, 'service.name'],
    [`${at}appId`, 'service.uid'],
    [`${at}resourceDisplayName`, 'dst_endpoint.svc_name'],
    [`${at}resourceId`, 'dst_endpoint.uid'],
    [`${at}userAgent`, 'http_request.user_agent'],
    [`${at}sessionId`, 'session.uid'],
    [`${at}authenticationProtocol`, 'auth_protocol'],
    [`${at}status/errorCode`, 'status_code'],
    [`${at}status/failureReason`, 'status_detail'],
  ];
}

const auditRows = (at: string): Row[] => [
  [`${at}id`, 'metadata.uid'],
  [`${at}activityDateTime`, 'metadata.original_time'],
  [`${at}activityDisplayName`, 'message'],
  [`${at}loggedByService`, 'metadata.product.feature.name'],
  [`${at}initiatedBy/user/id`, 'actor.user.uid'],
  [`${at}initiatedBy/user/userPrincipalName`, 'actor.user.name'],
  [`${at}initiatedBy/user/displayName`, 'actor.user.full_name'],
  [`${at}initiatedBy/user/ipAddress`, 'src_endpoint.ip', keep(ip)],
  [`${at}initiatedBy/app/displayName`, 'actor.app_name'],
  [`${at}initiatedBy/app/servicePrincipalId`, 'actor.app_uid'],
  [`${at}result`, 'status'],
  [`${at}resultReason`, 'status_detail'],
];

const apiRows = (at: string): Row[] => [...auditRows(at), [`${at}activityDisplayName`, 'api.operation']];

const DIAGNOSTIC_ROWS: Row[] = [
  ['category', 'metadata.log_name'],
  ['operationName', 'metadata.event_code'],
  ['correlationId', 'metadata.correlation_uid'],
  ['tenantId', 'metadata.tenant_uid'],
  ['callerIpAddress', 'src_endpoint.ip', keep(ip)],
];
const GRAPH_ROWS: Row[] = [
  ['correlationId', 'metadata.correlation_uid'],
  ['category', 'metadata.log_name'],
];

const PRODUCT = { 'metadata.product.name': 'Entra ID', 'metadata.product.vendor_name': 'Microsoft' };

function mapsOf(rows: Row[], at: string): Record<Act, FieldMap> {
  const audit = defineFieldMap([...rows, ...auditRows(at)], PRODUCT);
  return {
    signin: defineFieldMap([...rows, ...signInRows(at)], PRODUCT),
    'service-signin': defineFieldMap([...rows, ...serviceRows(at)], PRODUCT),
    user: audit,
    group: audit,
    role: audit,
    entity: audit,
    api: defineFieldMap([...rows, ...apiRows(at)], PRODUCT),
  };
}

const diagnostic = mapsOf(DIAGNOSTIC_ROWS, 'properties/');
const graph = mapsOf(GRAPH_ROWS, '');

const family = defineFamily<Kind>({
  name: 'entra',
  title: 'Microsoft Entra ID',
  maps: {
    ...diagnostic,
    'graph-signin': graph.signin,
    'graph-service-signin': graph['service-signin'],
    'graph-user': graph.user,
    'graph-group': graph.group,
    'graph-role': graph.role,
    'graph-entity': graph.entity,
    'graph-api': graph.api,
  },
  kind: (fields) => `${shapeOf(fields)}${actOf(fields)}`,
  time(fields, context) {
    const inner = innerOf(fields);
    const stated = inner['createdDateTime'] ?? inner['activityDateTime'] ?? fields['time'];
    return isoTime(stated, context) ?? isoTime(fields['time'], context);
  },
  fill(fields, draft, kind) {
    const inner = innerOf(fields);
    const act = kind.startsWith('graph-') ? kind.slice('graph-'.length) : kind;
    draft.severityId = 1;
    draft.statusId = statusOf(fields, inner);
    if (act === 'signin' || act === 'service-signin') fillSignIn(inner, draft);
    else fillAudit(act, fields, inner, draft);
  },
});

function shapeOf(fields: NativeFields): Shape {
  return valueAt(fields, 'properties') === undefined ? 'graph-' : '';
}

/** The object that the resource's own names lie in. */
function innerOf(fields: NativeFields): NativeFields {
  return objectsAt({ all: [fields['properties']] }, 'all')[0] ?? fields;
}

function actOf(fields: NativeFields): Act {
  const inner = innerOf(fields);
  const category = textAt(fields, 'category') ?? '';
  if (/ServicePrincipalSignIn|ManagedIdentitySignIn/i.test(category)) return 'service-signin';
  if (/SignIn/i.test(category) || 'appDisplayName' in inner) return 'signin';
  const name = operationOf(fields, inner);
  if (/member (?:to|from) role|role assignment/i.test(name)) return roleOf(inner) === undefined ? 'entity' : 'role';
  if (/member (?:to|from) group/i.test(name)) return target(inner, 'Group') === undefined ? 'entity' : 'group';
  if (/\b(?:user|password|account)\b/i.test(name) && target(inner, 'User') !== undefined) return 'user';
  return objectsAt(inner, 'targetResources').some(isNamed) ? 'entity' : 'api';
}

function operationOf(fields: NativeFields, inner: NativeFields): string {
  return textAt(inner, 'activityDisplayName') ?? textAt(fields, 'operationName') ?? '';
}

function isNamed(resource: NativeFields): boolean {
  return textAt(resource, 'id') !== undefined || textAt(resource, 'displayName') !== undefined;
}

function target(inner: NativeFields, type: string): NativeFields | undefined {
  return objectsAt(inner, 'targetResources').find((one) => textAt(one, 'type') === type && isNamed(one));
}

/** The role that a membership is about: a target of its own, or a modified property of the user. */
function roleOf(inner: NativeFields): string | undefined {
  const role = target(inner, 'Role');
  if (role !== undefined) return textAt(role, 'displayName');
  for (const resource of objectsAt(inner, 'targetResources'))
    for (const property of objectsAt(resource, 'modifiedProperties'))
      if (textAt(property, 'displayName') === 'Role.DisplayName')
        return (textAt(property, 'newValue') ?? textAt(property, 'oldValue'))?.replaceAll('"', '');
  return undefined;
}

function statusOf(fields: NativeFields, inner: NativeFields): number {
  const code = textAt(inner, 'status', 'errorCode');
  if (code !== undefined) return code === '0' ? 1 : 2;
  const word = (textAt(inner, 'result') ?? textAt(fields, 'resultType') ?? '').toLowerCase();
  if (word === '0' || word === 'success') return 1;
  return word === '' || word === 'none' ? 0 : 2;
}

function fillSignIn(inner: NativeFields, draft: Draft): void {
  draft.classUid = 3002;
  draft.activityId = 1;
  const requirement = textAt(inner, 'authenticationRequirement');
  if (requirement !== undefined) draft.set('is_mfa', requirement === 'multiFactorAuthentication');
}

function fillAudit(act: string, fields: NativeFields, inner: NativeFields, draft: Draft): void {
  const name = operationOf(fields, inner);
  if (act === 'user') {
    draft.classUid = 3001;
    draft.activityId = accountActivity(name);
    setUser(target(inner, 'User'), draft);
  } else if (act === 'group') {
    draft.classUid = 3006;
    draft.activityId = /remove/i.test(name) ? 4 : 3;
    const group = target(inner, 'Group');
    draft.set('group.name', group && textAt(group, 'displayName'));
    draft.set('group.uid', group && textAt(group, 'id'));
    setUser(target(inner, 'User'), draft);
  } else if (act === 'role') {
    draft.classUid = 3005;
    draft.activityId = /remove|delete/i.test(name) ? 2 : 1;
    draft.set('privileges', [roleOf(inner)]);
    setUser(target(inner, 'User') ?? objectsAt(inner, 'targetResources')[0], draft);
  } else if (act === 'entity') {
    draft.classUid = 3004;
    draft.activityId = entityActivity(name);
    const entity = objectsAt(inner, 'targetResources').find(isNamed);
    draft.set('entity.uid', entity && textAt(entity, 'id'));
    draft.set('entity.name', entity && (textAt(entity, 'displayName') ?? textAt(entity, 'userPrincipalName')));
    draft.set('entity.type', entity && textAt(entity, 'type'));
  } else {
    draft.classUid = 6003;
    draft.activityId = [0, 1, 0, 3, 4][entityActivity(name)] ?? 99;
  }
}

function setUser(user: NativeFields | undefined, draft: Draft): void {
  if (user === undefined) return;
  draft.set('user.name', textAt(user, 'userPrincipalName') ?? textAt(user, 'displayName'));
  draft.set('user.uid', textAt(user, 'id'));
}

function accountActivity(name: string): number {
  if (/reset .*password/i.test(name)) return 4;
  if (/change .*password/i.test(name)) return 3;
  if (/^(?:add|create|invite)/i.test(name)) return 1;
  if (/^(?:delete|remove)/i.test(name)) return 6;
  if (/disable/i.test(name)) return 5;
  return /enable/i.test(name) ? 2 : 99;
}

function entityActivity(name: string): number {
  if (/^(?:add|create|invite|register)/i.test(name)) return 1;
  if (/^(?:delete|remove)/i.test(name)) return 4;
  if (/^(?:update|set|change)|update$/i.test(name)) return 3;
  return 99;
}

const NAMES = spellings([
  'operationName',
  'operationVersion',
  'callerIpAddress',
  'correlationId',
  'resultType',
  'resultSignature',
  'tenantId',
  'resourceId',
  'durationMs',
]);

/** Sign-in and audit logs, from Microsoft Graph or from diagnostic settings (Event Hub, storage). */
export const entra: JsonSource = {
  name: 'entra',
  title: 'Microsoft Entra ID sign-ins and audit',
  families: [family],
  oracle: 'panther-analysis rule tests',
  shape: 'json',
  accepts(value) {
    if ('properties' in value && 'category' in value) return 'operationName' in value || 'operationname' in value;
    if ('userPrincipalName' in value && 'createdDateTime' in value)
      return 'appDisplayName' in value || 'ipAddress' in value;
    return 'activityDateTime' in value && 'activityDisplayName' in value;
  },
  parse: (value) => ({ family: 'entra', fields: respell(value, NAMES) }),
};
