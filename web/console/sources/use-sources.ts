import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { SourceStatus } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';

const RENEW_MS = 30_000;

/** All systems that send. */
export function useSources(): UseQueryResult<SourceStatus[]> {
  return useQuery({
    queryKey: ['sources'],
    queryFn: ({ signal }) => get<SourceStatus[]>('/sources', undefined, signal),
    refetchInterval: RENEW_MS,
  });
}
