import { Switch, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconFlag3Filled, IconGridDots } from '@tabler/icons-react';
import type { Coverage } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { useFilters } from '../../kit/filters.ts';
import { count } from '../../kit/numbers.ts';
import { Page } from '../../kit/page.tsx';
import { Empty, Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import classes from './coverage.module.css';

type Technique = Coverage['techniques'][number];

/** ATT&CK: a row of cells a tactic, one a technique. Rows wrap, so that no width needs a scroller of its own. */
export function CoveragePage(): React.ReactNode {
  const words = t.detection.coverage;
  const [{ found }, setFilters] = useFilters<'found'>();
  const coverage = useQuery({
    queryKey: ['coverage'],
    queryFn: ({ signal }) => get<Coverage>('/coverage', undefined, signal),
  });
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <Switch
          label={words.onlyFound}
          checked={found === '1'}
          onChange={(event) => setFilters({ found: event.currentTarget.checked ? '1' : null })}
        />
      }
    >
      <Loaded query={coverage}>
        {(data) =>
          data.techniques.length === 0 ? (
            <Empty icon={<IconGridDots size={28} stroke={1.6} />} title={words.empty} advice={words.emptyAdvice} />
          ) : (
            <Matrix coverage={data} onlyFound={found === '1'} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Matrix({ coverage, onlyFound }: { coverage: Coverage; onlyFound: boolean }): React.ReactNode {
  const words = t.detection.coverage;
  const { legend } = words;
  return (
    <>
      <ul className={classes.legend}>
        {(['none', 'off', 'some', 'all'] as const).map((state) => (
          <li key={state}>
            <i data-state={state} />
            {legend[state]}
          </li>
        ))}
        <li>
          <IconFlag3Filled size={13} aria-hidden className={classes.flag} />
          {legend.found}
        </li>
      </ul>
      <div className={classes.matrix}>
        {coverage.tactics.map(({ id, name }) => {
          const cells = coverage.techniques.filter(
            (one) =>
              one.tactics.some((tactic) => tactic === id || tactic === slug(name)) && (!onlyFound || one.findings > 0),
          );
          if (cells.length === 0) return null;
          const looked = cells.filter(({ enabled }) => enabled > 0).length;
          return (
            <section key={id} className={classes.tactic}>
              <h2>
                {name} <span>{words.looked(count(looked), count(cells.length))}</span>
              </h2>
              <ul>
                {cells.map((technique) => (
                  <li key={technique.id}>
                    <Cell technique={technique} />
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </>
  );
}

function Cell({ technique }: { technique: Technique }): React.ReactNode {
  const { id, name, rules, enabled, findings } = technique;
  const words = t.detection.coverage;
  const state = rules === 0 ? 'none' : enabled === 0 ? 'off' : enabled < rules ? 'some' : 'all';
  const said = `${words.rules(count(enabled), count(rules))}, ${words.findings(count(findings))}`;
  return (
    <Tooltip label={`${id} ${name}: ${said}`}>
      <Link
        to="/rules"
        search={{ q: id }}
        className={classes.cell}
        data-state={state}
        aria-label={`${id} ${name}, ${said}`}
      >
        <span>
          <small>{id}</small> {name}
        </span>
        {findings > 0 && <IconFlag3Filled size={13} aria-hidden className={classes.flag} />}
      </Link>
    </Tooltip>
  );
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}
