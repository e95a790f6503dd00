import '@mantine/charts/styles.css';
import { BarChart, LineChart } from '@mantine/charts';
import { Text } from '@mantine/core';
import { IconChartBarOff } from '@tabler/icons-react';
import type { HuntResult } from '../../../src/console/api.ts';
import { count } from '../../kit/numbers.ts';
import { Empty } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import { HeatMap } from './heat-map.tsx';
import { AXIS, type Pivot, pivot } from './pivot.ts';
import { isNumeric } from './result-table.tsx';

const COLOURS = [
  'ward.7',
  'orange.8',
  'indigo.6',
  'lime.8',
  'grape.6',
  'yellow.8',
  'cyan.7',
  'red.7',
  'teal.8',
  'pink.6',
  'gray.7',
  'blue.8',
] as const;

/** A result as bars, lines or heat. */
export function Picture({ result, kind }: { result: HuntResult; kind: string }): React.ReactNode {
  const words = t.hunt;
  const drawn = pivot(result, isNumeric);
  if (drawn === null)
    return (
      <Empty icon={<IconChartBarOff size={28} stroke={1.6} />} title={words.noPicture} advice={words.noPictureAdvice} />
    );
  return (
    <figure style={{ margin: 0 }} aria-label={words.chart(drawn.axis, drawn.value)}>
      {kind === 'heat' ? <HeatMap pivot={drawn} /> : <Chart pivot={drawn} kind={kind} />}
      {drawn.isCut && (
        <Text c="dimmed" size="xs">
          {words.cut(count(drawn.points.length))}
        </Text>
      )}
    </figure>
  );
}

function Chart({ pivot: { points, series }, kind }: { pivot: Pivot; kind: string }): React.ReactNode {
  const shared = {
    h: 340,
    data: points,
    dataKey: AXIS,
    series: series.map((name, at) => ({ name, color: COLOURS[at % COLOURS.length] ?? 'ward.7' })),
    withLegend: series.length > 1,
    legendProps: { verticalAlign: 'bottom' as const },
    valueFormatter: count,
  };
  return kind === 'line' ? <LineChart {...shared} curveType="linear" /> : <BarChart {...shared} type="stacked" />;
}
