import { IconTable } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { HuntResult } from '../../../src/console/api.ts';
import { Empty } from '../../kit/states.tsx';
import { type Column, VirtualList } from '../../kit/virtual-list.tsx';
import { t } from '../../text/index.ts';
import { cellText } from './cell-text.ts';
import classes from './hunt.module.css';

/** What a column takes at least, with the gap behind it. */
const COLUMN_PX = 152;

type Row = { at: number; cells: readonly unknown[] };

/** The rows of a result, as many as there are; only what is seen is drawn. */
export function ResultTable({ result }: { result: HuntResult }): React.ReactNode {
  const { items, columns } = useMemo(() => tableOf(result), [result]);
  return (
    <div className={classes.table}>
      <VirtualList
        label={t.hunt.result}
        columns={columns}
        items={items}
        minWidth={result.columns.length * COLUMN_PX}
        keyOf={({ at }) => String(at)}
        card={({ cells }) => <span className={classes.cells}>{cells.map(cellText).join(' · ')}</span>}
        empty={<Empty icon={<IconTable size={28} stroke={1.6} />} title={t.hunt.noRows} advice={t.hunt.noRowsAdvice} />}
      />
    </div>
  );
}

function tableOf(result: HuntResult): { items: Row[]; columns: Column<Row>[] } {
  const items = result.rows.map((cells, at): Row => ({ at, cells }));
  const columns = result.columns.map(({ name, type }, at): Column<Row> => ({
    id: `${at}`,
    title: name,
    width: /TIMESTAMP/.test(type) ? 'minmax(168px, 1fr)' : 'minmax(120px, 1fr)',
    ...(isNumeric(type) && { align: 'right' as const }),
    render: ({ cells }) => cellText(cells[at]),
  }));
  return { items, columns };
}

/** Whether a DuckDB type holds numbers. */
export function isNumeric(type: string): boolean {
  return /INT|DOUBLE|FLOAT|DECIMAL|REAL/.test(type);
}
