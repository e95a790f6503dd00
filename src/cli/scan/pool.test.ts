import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadRules, shippedRulesDir } from '#detect/sigma';
import { createPool } from './pool.ts';
import type { MemberInfo } from './types.ts';

test('what is given to a thread that has died fails, instead of waiting for ever', { timeout: 30_000 }, async () => {
  const ruleSet = await loadRules([shippedRulesDir()]);
  await using pool = createPool(2, { ruleSet, format: undefined, zone: undefined, year: undefined });
  const info: MemberInfo = { file: 'a', member: null, modifiedMs: 0, head: Buffer.from('{}\n') };
  // Not what a reader gives: the thread fails over it, as it would when its memory runs out.
  const broken = { ...info, head: null } as unknown as MemberInfo;
  const task = { kind: 'chunk' as const, memberId: 1, bytes: Buffer.from('{}\n'), last: true };
  await assert.rejects(pool.evaluate({ ...task, info: broken }));
  await assert.rejects(pool.evaluate({ ...task, info }));
  // Whole lines go to a thread that lives.
  const lines = { kind: 'lines' as const, memberId: 2, info, bytes: Buffer.from('{}\n'), offset: 0 };
  const results = await Promise.all([pool.evaluate(lines), pool.evaluate(lines), pool.evaluate(lines)]);
  assert.deepEqual(
    results.map(({ records }) => records),
    [1, 1, 1],
  );
});
