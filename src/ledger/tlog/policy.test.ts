import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mutate, seeded } from '../../../test/support/mutate.ts';
import { fuzzInputs } from '../../../test/support/shared.ts';
import { orRefused, testSigner } from '../../../test/support/tlog.ts';
import { TlogError } from './errors.ts';
import { type Policy, describeQuorum, isQuorumMet, parsePolicy } from './policy.ts';

const LOG = testSigner('hospital.example/ledger', 'ed25519', 1).key.vkey;
const LOG_PQ = testSigner('hospital.example/ledger', 'ml-dsa-44-cosignature', 1).key.vkey;
const W = Array.from({ length: 33 }, (_, i) => testSigner(`w${i}.example`, 'ed25519-cosignature', 10 + i).key.vkey);
const TWO_LEVELS = `# whom we trust
log ${LOG}
log\t${LOG_PQ}  https://hospital.example/ledger

witness X1 ${W[0]}
witness X2 ${W[1]} https://x2.example/
witness X3 ${W[2]}
 group X 2 X1 X2 X3
witness Y1 ${W[3]}
witness Y2 ${W[4]}
group Y any Y1 Y2
group X-and-Y all X Y
quorum X-and-Y
`;

function isMet(policy: Policy, witnesses: readonly number[]): boolean {
  return isQuorumMet(policy.quorum, new Set(witnesses.map((i) => W[i] ?? '')));
}

test('a quorum of two levels is met by those who suffice and by no others', () => {
  const policy = parsePolicy(TWO_LEVELS);
  assert.deepEqual(
    policy.logs.map(({ vkey }) => vkey),
    [LOG, LOG_PQ],
  );
  assert.equal(policy.witnesses.length, 5);
  assert.equal(describeQuorum(policy.quorum), '2 of (2 of (X1, X2, X3), 1 of (Y1, Y2))');
  for (let set = 0; set < 32; set++) {
    const have = [0, 1, 2, 3, 4].filter((i) => (set >> i) % 2 === 1);
    const x = have.filter((i) => i < 3).length;
    assert.equal(isMet(policy, have), x >= 2 && have.length > x, have.join());
  }
});

test('quorum none asks for nobody, a witness for itself', () => {
  assert.equal(isMet(parsePolicy('quorum none\n'), []), true);
  const one = parsePolicy(`witness a ${W[0]}\nwitness b ${W[1]}\nquorum b`);
  assert.equal(isMet(one, [0]), false);
  assert.equal(isMet(one, [1]), true);
});

test('at least 32 logs, witnesses and groups are read', () => {
  const lines = W.flatMap((vkey, i) => [`witness w${i} ${vkey}`, `group g${i} all w${i}`]);
  const logs = W.map((_, i) => `log ${testSigner(`log${i}`, 'ed25519', 100 + i).key.vkey}`);
  const policy = parsePolicy(
    [...logs, ...lines, `group all 33 ${W.map((_, i) => `g${i}`).join(' ')}`, 'quorum all'].join('\n'),
  );
  assert.equal(policy.logs.length, 33);
  assert.equal(isMet(policy, [...W.keys()]), true);
  assert.equal(isMet(policy, [...W.keys()].slice(1)), false);
});

test('what could weaken a policy unseen is refused', () => {
  const [a = '', b = ''] = W;
  const twin = testSigner('other-name.example', 'ed25519-cosignature', 10).key.vkey;
  const bad = {
    'no quorum': `witness a ${a}\n`,
    'two quorums': `witness a ${a}\nquorum a\nquorum none\n`,
    'a quorum above its definition': `quorum a\nwitness a ${a}\n`,
    'an unknown keyword': 'logs x\nquorum none\n',
    'a keyword in capitals': 'Quorum none\n',
    'a log without a key': 'log\nquorum none\n',
    'a log with a third word': `log ${LOG} https://a b\nquorum none\n`,
    'a log twice': `log ${LOG}\nlog ${LOG}\nquorum none\n`,
    'a name twice': `witness a ${a}\nwitness a ${b}\nquorum a\n`,
    'a key twice under two names': `witness a ${a}\nwitness b ${twin}\ngroup g 2 a b\nquorum g\n`,
    'a member of two groups': `witness a ${a}\nwitness b ${b}\ngroup g any a\ngroup h any a b\nquorum h\n`,
    'a member twice in a group': `witness a ${a}\nwitness b ${b}\ngroup g 2 a a\nquorum g\n`,
    'a group of itself': 'group g any g\nquorum g\n',
    'a group of nobody': 'group g all\nquorum g\n',
    'none as a member': `witness a ${a}\ngroup g any a none\nquorum g\n`,
    'none as a name': `witness none ${a}\nquorum none\n`,
    'a threshold of none': `witness a ${a}\ngroup g 0 a\nquorum g\n`,
    'a threshold above all': `witness a ${a}\ngroup g 2 a\nquorum g\n`,
    'a threshold with a leading zero': `witness a ${a}\ngroup g 01 a\nquorum g\n`,
    'a plain Ed25519 key as witness': `witness a ${LOG}\nquorum a\n`,
    'a carriage return': `witness a ${a}\r\nquorum a\r\n`,
    'a zero byte in a comment': '# \0\nquorum none\n',
    'a delete character': '# \x7f\nquorum none\n',
    'a no-break space between words': 'quorum\u00a0none\n',
    'a Kelvin sign for K': `witness K ${a}\nquorum \u212a\n`,
  };
  for (const [what, text] of Object.entries(bad)) assert.throws(() => parsePolicy(text), TlogError, what);
  assert.throws(() => parsePolicy(Buffer.alloc(1024 * 1024 + 1, 0x0a)), { code: 'limit' });
});

test('octets that are no UTF-8 are names and comments like any other', () => {
  const text = Buffer.concat([
    Buffer.from('# caf\u00e9 '),
    Buffer.from([0xff, 0x0a]),
    Buffer.from('witness '),
    Buffer.from([0x80, 0xfe]),
    Buffer.from(` ${W[0]}\nquorum `),
    Buffer.from([0x80, 0xfe, 0x0a]),
  ]);
  assert.equal(isMet(parsePolicy(text), [0]), true);
});

test('a key name beyond ASCII is read as UTF-8', () => {
  const { key } = testSigner('krankenhaus-k\u00f6ln.example/x', 'ed25519', 4);
  assert.equal(parsePolicy(Buffer.from(`log ${key.vkey}\nquorum none\n`)).logs[0]?.name, key.name);
});

test('a threshold group is met by exactly k of n', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), fc.uniqueArray(fc.nat({ max: 11 })), (n, pick, signed) => {
      const k = 1 + (pick % n);
      const names = Array.from({ length: n }, (_, i) => `w${i}`);
      const witnesses = names.map((name, i) => `witness ${name} ${W[i]}`);
      const policy = parsePolicy([...witnesses, `group g ${k} ${names.join(' ')}`, 'quorum g'].join('\n'));
      const inGroup = signed.filter((i) => i < n);
      assert.equal(isMet(policy, signed), inGroup.length >= k);
    }),
    { numRuns: 50 },
  );
});

test('a policy from outside is read or refused, and never asks for nobody unless it says so', () => {
  const below = seeded(8);
  for (let i = 0, all = fuzzInputs(); i < all; i++) {
    const bytes = mutate([Buffer.from(TWO_LEVELS)], below);
    const policy = orRefused(() => parsePolicy(bytes));
    if (policy === null) continue;
    assert.equal(isMet(policy, []), /(^|\n)[ \t]*quorum[ \t]+none/.test(bytes.toString('latin1')));
  }
});
