import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sharedPath, skipWithoutShared } from '../../../test/support/shared.ts';
import { TACTICS, tacticsOf, techniquesOf } from './attack.ts';

interface StixObject {
  id: string;
  type: string;
  name?: string;
  revoked?: boolean;
  x_mitre_deprecated?: boolean;
  x_mitre_shortname?: string;
  tactic_refs?: string[];
  external_references?: { source_name: string; external_id?: string }[];
}

/** Objects of a STIX bundle of MITRE's. */
function bundle(name: string): StixObject[] {
  const text = gunzipSync(readFileSync(sharedPath(name))).toString('utf8');
  return (JSON.parse(text) as { objects: StixObject[] }).objects;
}

/** Short names of a bundle's tactics, in the order of its matrix. */
function tacticsIn(objects: readonly StixObject[]): string[] {
  const byId = new Map(objects.map((one) => [one.id, one]));
  const matrix = objects.find(({ type }) => type === 'x-mitre-matrix');
  return (matrix?.tactic_refs ?? []).flatMap((ref) => byId.get(ref)?.x_mitre_shortname ?? []);
}

const ICS = 'posture/attack_ics.json.gz';
const ENTERPRISE = 'posture/attack_enterprise.json.gz';
const skipWithoutEnterprise = {
  skip: existsSync(sharedPath(ENTERPRISE))
    ? (false as const)
    : `the shared data (../shared/data) does not lie beside the project with ${ENTERPRISE} in it`,
};

test('the tactics are those of the ATT&CK matrix for ICS, in its order', skipWithoutShared, () => {
  const expected = tacticsIn(bundle(ICS));
  assert.equal(expected.length, 12);
  const wanted = new Set(expected);
  assert.deepEqual(
    TACTICS.filter((tactic) => wanted.has(tactic)),
    expected,
  );
});

test(
  'the tactics are those of the ATT&CK matrix for Enterprise, and what sentences name is in force',
  skipWithoutEnterprise,
  () => {
    const objects = bundle(ENTERPRISE);
    const known = new Set<string>(TACTICS);
    assert.deepEqual(
      tacticsIn(objects).filter((tactic) => !known.has(tactic)),
      [],
    );
    const gone = objects
      .filter((one) => one.type === 'attack-pattern' && (one.revoked === true || one.x_mitre_deprecated === true))
      .map(
        (one) => one.external_references?.find(({ source_name: from }) => from === 'mitre-attack')?.external_id ?? '',
      );
    const source = ['sentences.ts', 'actions.ts']
      .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
      .join();
    const named = new Set([...source.matchAll(/'(T\d{4})'/g)].map(([, id]) => id ?? ''));
    // The older number of T1685 stays for rules from elsewhere.
    named.delete('T1562');
    assert.deepEqual(
      gone.filter((id) => named.has(id)),
      [],
    );
  },
);

test('tags name tactics and techniques in either way of writing; others name none', () => {
  assert.deepEqual(
    tacticsOf(['attack.impact', 'attack.initial_access', 'attack.Inhibit-Response-Function', 'cve.2020-1']),
    ['initial-access', 'inhibit-response-function', 'impact'],
  );
  assert.deepEqual(techniquesOf(['attack.t1003.001', 'attack.T0816', 'attack.g0007', 'attack.s0002', 't1486']), [
    'T1003.001',
    'T0816',
  ]);
});
