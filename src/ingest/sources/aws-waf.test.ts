import assert from 'node:assert/strict';
import test from 'node:test';
import { checkFamilyNeverLoses, checkRecord } from '../../../test/support/family.ts';
import type { NativeFields } from '../types.ts';
import { awsWaf } from './aws-waf.ts';

const [family] = awsWaf.families;
assert.ok(family !== undefined);

const RECORD: NativeFields = {
  timestamp: 1_769_936_400_123,
  formatVersion: 1,
  webaclId: 'arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/general/1',
  terminatingRuleId: 'SqlInjection',
  terminatingRuleType: 'REGULAR',
  action: 'BLOCK',
  httpSourceName: 'ALB',
  httpSourceId: '123456789012-app/portal/1',
  responseCodeSent: null,
  httpRequest: {
    clientIp: '198.51.100.7',
    country: 'DE',
    headers: [
      { name: 'Host', value: 'portal.example' },
      { name: 'User-Agent', value: 'sqlmap/1.8' },
    ],
    uri: '/records',
    args: "id=1' or '1'='1",
    httpVersion: 'HTTP/1.1',
    httpMethod: 'GET',
    requestId: 'r1',
  },
};

test('a blocked request is HTTP activity that was denied', () => {
  const event = checkRecord(family, RECORD);
  assert.deepEqual(
    [event.type_uid, event['action_id'], event['disposition_id'], event.time],
    [400203, 2, 2, 1_769_936_400_123],
  );
  assert.deepEqual(event['firewall_rule'], { uid: 'SqlInjection', type: 'REGULAR' });
});

test('a method that the schema does not know stays beside the request', () => {
  const event = checkRecord(family, {
    ...RECORD,
    httpRequest: { clientIp: '198.51.100.7', httpMethod: 'PROPFIND', uri: '/' },
  });
  assert.equal(event.type_uid, 400299);
  assert.deepEqual(event.unmapped?.['httpRequest'], { httpMethod: 'PROPFIND' });
});

test('whatever the fields hold, the event is valid and nothing is lost', () => {
  checkFamilyNeverLoses(family, [{ family: 'aws-waf', fields: RECORD }]);
});
