import { entryOf } from '#kernel';
import { textAt, valueAt } from '../native-value.ts';
import { notIp } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';

// audit.k8s.io/v1 Event: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/

const ROWS: Row[] = [
  ['auditID', 'metadata.uid'],
  ['stage', 'metadata.event_code'],
  ['level', 'metadata.log_level'],
  ['requestReceivedTimestamp', 'metadata.original_time'],
  ['verb', 'api.operation'],
  ['apiVersion', 'api.version'],
  ['auditID', 'api.request.uid'],
  ['requestObject', 'api.request.data'],
  ['responseObject', 'api.response.data'],
  ['responseStatus/code', 'api.response.code'],
  ['responseStatus/message', 'api.response.message'],
  ['responseStatus/reason', 'status_detail'],
  ['user/username', 'actor.user.name'],
  ['user/uid', 'actor.user.uid'],
  ['requestURI', 'http_request.url.path'],
  ['userAgent', 'http_request.user_agent'],
  ['objectRef/name', 'resources.0.name'],
  ['objectRef/resource', 'resources.0.type'],
  ['objectRef/uid', 'resources.0.uid'],
  ['objectRef/namespace', 'resources.0.namespace'],
];

const VERBS: Readonly<Record<string, number>> = {
  create: 1,
  get: 2,
  list: 2,
  watch: 2,
  update: 3,
  patch: 3,
  delete: 4,
  deletecollection: 4,
};

const family = defineFamily<'request'>({
  name: 'kubernetes-audit',
  title: 'Kubernetes audit',
  maps: {
    request: defineFieldMap(ROWS, {
      'metadata.product.name': 'Kubernetes',
      'metadata.product.vendor_name': 'Kubernetes',
    }),
  },
  kind: () => 'request',
  time: (fields, context) => isoTime(fields['requestReceivedTimestamp'] ?? fields['stageTimestamp'], context),
  fill(fields, draft) {
    draft.classUid = 6003;
    draft.severityId = 1;
    draft.activityId = entryOf(VERBS, textAt(fields, 'verb')) ?? 99;
    const code = Number(textAt(fields, 'responseStatus', 'code') ?? Number.NaN);
    draft.statusId = Number.isNaN(code) ? 0 : code < 400 ? 1 : 2;
    const sources = valueAt(fields, 'sourceIPs');
    // The first is the client; the others are the proxies on its way.
    const client: unknown = Array.isArray(sources) ? sources[0] : undefined;
    draft.set('src_endpoint.ip', client);
    draft.set('src_endpoint.name', notIp.to(client));
    const groups = valueAt(fields, 'user', 'groups');
    if (Array.isArray(groups) && groups.length > 0)
      draft.set(
        'actor.user.groups',
        groups.filter((group) => typeof group === 'string').map((name) => ({ name })),
      );
  },
});

/** The audit log of a Kubernetes API server, also as EKS writes it. */
export const kubernetesAudit: JsonSource = {
  name: 'kubernetes-audit',
  title: 'Kubernetes audit (EKS too)',
  families: [family],
  oracle: 'ocsf/examples pair',
  shape: 'json',
  accepts: (value) => value['kind'] === 'Event' && textAt(value, 'apiVersion')?.startsWith('audit.k8s.io/') === true,
  parse: (value) => ({ family: 'kubernetes-audit', fields: value }),
};
