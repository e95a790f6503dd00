import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SourceKind, snippetsFor } from './index.ts';

const NOWHERE = { host: 'w.example.org', http: null, syslogUdp: null, syslogTcp: null, syslogTls: null, mllp: null };
const EVERYWHERE = {
  host: 'w.example.org',
  http: 'https://w.example.org:8481',
  syslogUdp: 514,
  syslogTcp: 601,
  syslogTls: 6514,
  mllp: 2575,
};
const WITH_TOKEN: readonly SourceKind[] = ['ndjson', 'splunk-hec', 'elastic-bulk', 'fhir-auditevent'];

test('each kind that listens has set-up to paste, with the place of its token marked; none is offered where nobody listens', () => {
  for (const kind of [...WITH_TOKEN, 'syslog', 'atna', 'mllp'] as const) {
    assert.deepEqual(snippetsFor({ kind }, NOWHERE), []);
    const snippets = snippetsFor({ kind }, EVERYWHERE);
    assert.ok(snippets.length > 0, kind);
    for (const { title, text } of snippets) {
      assert.ok(text.includes('w.example.org') || title.startsWith('Firewalls'), title);
      assert.equal(text.includes('TOKEN'), WITH_TOKEN.includes(kind), title);
    }
  }
});
