import { Button, Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { callBytes } from '../../kit/api.ts';
import { notifyFailure } from '../../kit/notify.tsx';
import { offer } from '../../kit/offer.ts';
import { t } from '../../text/index.ts';

type Format = keyof typeof t.hunt.formats;

const EXPORT_MS_MAX = 300_000;

/** All rows of the question as a file. */
export function ExportMenu({ sql }: { sql: string }): React.ReactNode {
  const fetchFile = useMutation({
    mutationFn: async (format: Format) => {
      const bytes = await callBytes('POST', '/hunt/export', {
        params: { format },
        body: { sql },
        timeoutMs: EXPORT_MS_MAX,
      });
      offer(bytes, `hunt.${format}`);
    },
    onError: (error: Error) => notifyFailure(error),
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" disabled={sql.trim() === ''} loading={fetchFile.isPending}>
          {t.hunt.export}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(Object.entries(t.hunt.formats) as [Format, string][]).map(([format, name]) => (
          <Menu.Item key={format} onClick={() => fetchFile.mutate(format)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
