import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import type { NativeFields } from '../types.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';

const [family] = kubernetesAudit.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: 'a1',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/ehr/secrets/db',
  verb: 'get',
  user: { username: 'system:serviceaccount:ehr:web', uid: 'u1', groups: ['system:serviceaccounts', 7] },
  sourceIPs: ['198.51.100.7', '10.0.0.1'],
  userAgent: 'kubectl/v1.31',
  objectRef: { resource: 'secrets', namespace: 'ehr', name: 'db' },
  responseStatus: { code: 403, reason: 'Forbidden' },
  requestReceivedTimestamp: '2026-02-01T09:00:00.123456Z',
};

test('a request is API activity of its user on its object, from the client and not from the proxy', () => {
  const event = checkRecord(family, RECORD);
  assert.deepEqual([event.type_uid, event.status_id, event.time], [600302, 2, Date.UTC(2026, 1, 1, 9, 0, 0, 123)]);
  assert.deepEqual(event['src_endpoint'], { ip: '198.51.100.7' });
  assert.deepEqual(event['resources'], [{ type: 'secrets', namespace: 'ehr', name: 'db' }]);
});

test('a source that is no address is the name of the source', () => {
  assert.deepEqual(checkRecord(family, { ...RECORD, sourceIPs: ['12.000.22.33'] })['src_endpoint'], {
    name: '12.000.22.33',
  });
});

test('other events of a cluster are left to other sources', () => {
  assert.equal(kubernetesAudit.accepts({ kind: 'Event', apiVersion: 'v1' }), false);
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'kubernetes-audit', fields: RECORD }]);
});
