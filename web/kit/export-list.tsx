import { Button, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconDownload } from '@tabler/icons-react';
import type { Page } from '../../src/console/api.ts';
import { t } from '../text/index.ts';
import { type Params, get } from './api.ts';
import { type Cell, csvOf } from './csv.ts';
import { notifyDone, notifyFailure } from './notify.tsx';
import { count } from './numbers.ts';
import { offer } from './offer.ts';
import { onlyOnce } from './pages.ts';

/** Rows of a file at most; more is a question for Hunt, whose exports have no such end. */
const ROWS_MAX = 20_000;
const PAGE_ENTRIES = 500;

export interface ExportListProps<T> {
  /** The list's, and the file's without its ending. */
  name: 'incidents' | 'findings' | 'events';
  path: string;
  params: Params;
  keyOf: (item: T) => string;
  /** A row of the CSV. */
  row: (item: T) => Record<string, Cell>;
}

/** All that fits the filters, as a file. */
export function ExportList<T>({ name, path, params, keyOf, row }: ExportListProps<T>): React.ReactNode {
  const fetchFile = useMutation({
    mutationFn: async (format: 'csv' | 'json') => {
      const { items: found, isCut } = await allOf(path, params);
      const items = onlyOnce(found as T[], keyOf);
      offer(format === 'csv' ? csvOf(items.map(row)) : JSON.stringify(items, null, 2), `${name}.${format}`);
      if (isCut) notifyDone(t.common.exportCut(count(items.length)));
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} loading={fetchFile.isPending}>
          {t.common.export}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['csv', 'json'] as const).map((format) => (
          <Menu.Item key={format} onClick={() => fetchFile.mutate(format)}>
            {t.common.exportFormats[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

async function allOf(path: string, params: Params): Promise<{ items: unknown[]; isCut: boolean }> {
  const items: unknown[] = [];
  let before: string | null = null;
  do {
    const page: Page<unknown> = await get<Page<unknown>>(path, { ...params, before, limit: PAGE_ENTRIES });
    items.push(...page.items);
    before = page.next;
  } while (before !== null && items.length < ROWS_MAX);
  return { items: items.slice(0, ROWS_MAX), isCut: before !== null || items.length > ROWS_MAX };
}
