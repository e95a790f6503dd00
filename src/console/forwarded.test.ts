import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddressOf } from './forwarded.ts';

test('a chain is believed as far as proxies of our own wrote it', () => {
  const of = clientAddressOf(['10.0.0.1', '192.168.7.0/24', 'fd00::/8']);
  const cases: [string, string | null, string][] = [
    ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['10.0.0.1', '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['10.0.0.1', '1.1.1.1, 203.0.113.9, 192.168.7.20', '203.0.113.9'],
    ['10.0.0.1', '192.168.7.20, 192.168.7.21', '192.168.7.20'],
    ['fd00::1', '2001:db8::5', '2001:db8::5'],
    ['10.0.0.1', '[2001:db8::5]:443', '2001:db8::5'],
    ['10.0.0.1', '203.0.113.9:5000', '203.0.113.9'],
    ['10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
    // Nobody's word: not a proxy of ours, no address, nothing at all.
    ['203.0.113.9', '10.0.0.1', '203.0.113.9'],
    ['203.0.113.9', '8.8.8.8', '203.0.113.9'],
    ['10.0.0.1', 'unknown', '10.0.0.1'],
    ['10.0.0.1', '8.8.8.8, unknown', '10.0.0.1'],
    ['10.0.0.1', ',,,', '10.0.0.1'],
    ['10.0.0.1', null, '10.0.0.1'],
    ['', '8.8.8.8', ''],
  ];
  for (const [peer, chain, expected] of cases) assert.equal(of(peer, chain), expected, `${peer} <- ${chain}`);
  assert.equal(clientAddressOf([])('10.0.0.1', '8.8.8.8'), '10.0.0.1');
  assert.equal(of('10.0.0.1', Array.from({ length: 5_000 }, () => '10.0.0.1').join(',')), '10.0.0.1');
});
