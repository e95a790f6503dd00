import { entryOf } from '#kernel';
import type { Fields } from '../values.ts';
import { accessor } from '../values.ts';
import { type FamilyRouter, type RouteFacts, aliasTable, byField, single } from './route.ts';

/** Entra logs say the same in three spellings: Graph, diagnostic settings, Log Analytics. */
const AZURE_ALIASES = aliasTable({
  ResultType: ['resultType', 'properties.status.errorCode', 'status.errorCode'],
  ResultDescription: ['resultDescription', 'properties.status.failureReason', 'status.failureReason'],
  Resultdescription: ['resultDescription', 'properties.status.failureReason', 'status.failureReason'],
  userAgent: ['properties.userAgent', 'UserAgent'],
  AppId: ['appId', 'properties.appId'],
  AppDisplayName: ['appDisplayName', 'properties.appDisplayName'],
  ClientApp: ['clientAppUsed', 'properties.clientAppUsed'],
  ResourceDisplayName: ['resourceDisplayName', 'properties.resourceDisplayName'],
  ResourceId: ['resourceId', 'properties.resourceId'],
  conditionalAccessStatus: ['properties.conditionalAccessStatus', 'ConditionalAccessStatus'],
  AuthenticationRequirement: ['authenticationRequirement', 'properties.authenticationRequirement'],
  RiskState: ['riskState', 'properties.riskState'],
  riskEventType: ['properties.riskEventType', 'properties.riskType', 'riskType'],
  Username: ['userPrincipalName', 'properties.userPrincipalName'],
  UserPrincipalName: ['userPrincipalName', 'properties.userPrincipalName'],
  Location: ['location', 'properties.location'],
  Status: ['status', 'properties.status', 'properties.result', 'result'],
  'properties.message': ['operationName', 'OperationName', 'activityDisplayName', 'properties.activityDisplayName'],
  OperationName: ['operationName', 'activityDisplayName', 'properties.activityDisplayName', 'properties.operationName'],
  operationName: ['OperationName', 'activityDisplayName', 'properties.activityDisplayName'],
  ActivityDisplayName: ['activityDisplayName', 'properties.activityDisplayName', 'operationName'],
  OperationNameValue: ['operationName', 'operationNameValue', 'properties.operationNameValue'],
  ResourceProviderValue: ['resourceProviderValue', 'properties.resourceProviderValue', 'resourceProvider'],
  CategoryValue: ['category', 'Category', 'properties.category'],
  Category: ['category', 'properties.category'],
  TargetResources: ['targetResources', 'properties.targetResources'],
  'TargetResources.modifiedProperties': [
    'targetResources.modifiedProperties',
    'properties.targetResources.modifiedProperties',
  ],
  'DeviceDetail.deviceId': ['deviceDetail.deviceId', 'properties.deviceDetail.deviceId'],
  'DeviceDetail.isCompliant': ['deviceDetail.isCompliant', 'properties.deviceDetail.isCompliant'],
  'DeviceDetail.trusttype': ['deviceDetail.trustType', 'properties.deviceDetail.trustType'],
  Workload: ['loggedByService', 'properties.loggedByService'],
});

const AZURE_SERVICES: Readonly<Record<string, string>> = {
  signinlogs: 'signinlogs',
  noninteractiveusersigninlogs: 'signinlogs',
  serviceprincipalsigninlogs: 'signinlogs',
  managedidentitysigninlogs: 'signinlogs',
  auditlogs: 'auditlogs',
  riskyusers: 'riskdetection',
  userriskevents: 'riskdetection',
  riskdetection: 'riskdetection',
  administrative: 'activitylogs',
  activitylogs: 'activitylogs',
  pim: 'pim',
};

function azureFacts(service: string): RouteFacts {
  return { products: ['azure'], services: [service], aliases: AZURE_ALIASES };
}

const category = accessor('category');
const riskType = accessor('riskEventType');

/** An Entra record says what it is by its category or, out of Graph, by the fields it has. */
function azureService(fields: Fields): string {
  const word = category(fields) ?? fields['Category'] ?? fields['Type'];
  const known = typeof word === 'string' ? entryOf(AZURE_SERVICES, word.toLowerCase()) : undefined;
  if (known !== undefined) return known;
  if (riskType(fields) !== undefined) return 'riskdetection';
  if (fields['userPrincipalName'] !== undefined && fields['createdDateTime'] !== undefined) return 'signinlogs';
  if (fields['resourceId'] !== undefined && fields['authorization'] !== undefined) return 'activitylogs';
  return 'auditlogs';
}

const azure: FamilyRouter = { key: azureService, facts: azureFacts };

const M365_ALIASES = aliasTable({
  eventSource: ['Workload'],
  eventName: ['Operation', 'Name'],
  status: ['ResultStatus'],
  Payload: ['AuditData', 'Data'],
});

const M365_SERVICES: Readonly<Record<string, readonly string[]>> = {
  exchange: ['exchange'],
  securitycompliancecenter: ['threat_management', 'threat_detection'],
  threatintelligence: ['threat_management', 'threat_detection'],
};

function m365Facts(workload: string): RouteFacts {
  return {
    products: ['m365'],
    services: ['audit', ...(entryOf(M365_SERVICES, workload) ?? [])],
    aliases: M365_ALIASES,
  };
}

const WORKSPACE_ALIASES = aliasTable({
  eventService: ['id.applicationName', 'protoPayload.serviceName'],
  eventName: ['events.name', 'name', 'protoPayload.metadata.event.eventName'],
  'protoPayload.metadata.event.eventName': ['events.name', 'name'],
});

function workspaceFacts(application: string): RouteFacts {
  return {
    products: ['gcp', 'google_workspace'],
    services: [`google_workspace.${application || 'admin'}`],
    aliases: WORKSPACE_ALIASES,
  };
}

/** Cloud and identity services. */
export const cloudRouters: Readonly<Record<string, FamilyRouter>> = {
  cloudtrail: single({ products: ['aws'], services: ['cloudtrail'] }),
  entra: azure,
  'entra-signin': single(azureFacts('signinlogs')),
  'entra-audit': single(azureFacts('auditlogs')),
  'azure-activity': single(azureFacts('activitylogs')),
  m365: byField('Workload', m365Facts),
  okta: single({ products: ['okta'], services: ['okta'] }),
  'google-workspace': byField('id.applicationName', workspaceFacts),
  duo: single({ products: ['cisco', 'duo'], services: ['duo'], aliases: aliasTable({ event_type: ['action'] }) }),
  'gcp-audit': single({ products: ['gcp'], services: ['gcp.audit'] }),
  github: single({ products: ['github'], services: ['audit'] }),
  bitbucket: single({ products: ['bitbucket'], services: ['audit'] }),
  onelogin: single({ products: ['onelogin'], services: ['onelogin.events'] }),
  'kubernetes-audit': single({ products: ['kubernetes'], services: ['audit'] }),
};
