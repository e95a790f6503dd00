import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import type { RuleChange, RuleDetail, RuleSummary } from '../../../src/console/api.ts';
import { call } from '../../kit/api.ts';
import { notifyFailure } from '../../kit/notify.tsx';

/** Switches a rule or gives it another level; the answer is the rule as it then is. */
export function useRuleChange(id: string): UseMutationResult<RuleDetail, Error, RuleChange> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: RuleChange) => call<RuleDetail>('PATCH', `/rules/${encodeURIComponent(id)}`, { body }),
    onSuccess: (rule) => {
      client.setQueryData(['rule', id], rule);
      client.setQueryData<RuleSummary[]>(['rules'], (rules) =>
        rules?.map((one) => (one.id === id ? { ...one, isEnabled: rule.isEnabled, level: rule.level } : one)),
      );
    },
    onError: (error: Error) => notifyFailure(error),
  });
}
