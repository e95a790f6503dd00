import { count } from '../../kit/numbers.ts';
import classes from './hunt.module.css';
import { AXIS, type Pivot } from './pivot.ts';

/** Series by axis value, each cell the darker the larger; the number stands in the cell's title. */
export function HeatMap({ pivot: { points, series, axis } }: { pivot: Pivot }): React.ReactNode {
  const most = Math.max(1, ...points.flatMap((point) => series.map((name) => Number(point[name] ?? 0))));
  return (
    <div className={classes.heatScroll} tabIndex={0} role="region" aria-label={axis}>
      <table className={classes.heat}>
        <thead>
          <tr>
            <th scope="col">{axis}</th>
            {series.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={String(point[AXIS])}>
              <th scope="row">{point[AXIS]}</th>
              {series.map((name) => {
                const value = Number(point[name] ?? 0);
                const strength = Math.round((value / most) * 80);
                return (
                  <td
                    key={name}
                    style={{ background: `color-mix(in srgb, var(--accent) ${strength / 2}%, transparent)` }}
                  >
                    {count(value)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
