import { Alert, Select, Switch, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Level, RuleDetail } from '../../../src/console/api.ts';
import { get } from '../../kit/api.ts';
import { CodeBlock } from '../../kit/code-block.tsx';
import { LEVELS, LevelMark } from '../../kit/level.tsx';
import { Facts, Page, Panel } from '../../kit/page.tsx';
import { useRight } from '../../kit/session.ts';
import { Loaded } from '../../kit/states.tsx';
import { t } from '../../text/index.ts';
import classes from './rule.module.css';
import { RulePreviewPanel } from './rule-preview.tsx';
import { useRuleChange } from './use-rule-change.ts';

export function RulePage(): React.ReactNode {
  const { id = '' } = useParams({ strict: false });
  const rule = useQuery({
    queryKey: ['rule', id],
    queryFn: ({ signal }) => get<RuleDetail>(`/rules/${encodeURIComponent(id)}`, undefined, signal),
  });
  return <Loaded query={rule}>{(data) => <RuleView rule={data} />}</Loaded>;
}

function RuleView({ rule }: { rule: RuleDetail }): React.ReactNode {
  const words = t.detection.rules;
  return (
    <Page
      title={rule.title}
      lead={
        <span className={classes.lead}>
          <Link to="/rules">{words.title}</Link>
          <LevelMark level={rule.level} soft />
          <span>{words.origins[rule.origin]}</span>
          <Link to="/findings" search={{ rule: rule.id }}>
            {words.findings}
          </Link>
        </span>
      }
    >
      {rule.problem !== null && (
        <Alert color="red" title={words.problem} mb={16}>
          {rule.problem}
        </Alert>
      )}
      <div className={classes.grid}>
        <div className={classes.column}>
          <About rule={rule} />
          <RulePreviewPanel id={rule.id} />
          <Panel title={words.yaml}>
            <CodeBlock text={rule.yaml} label={words.yaml} />
          </Panel>
        </div>
        <div className={classes.column}>
          <Tuning rule={rule} />
          <Panel title={words.about}>
            <Facts facts={factsOf(rule)} />
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function About({ rule }: { rule: RuleDetail }): React.ReactNode {
  const words = t.detection.rules;
  return (
    <Panel title={words.description}>
      <Text className={classes.text}>{rule.description ?? t.common.unknown}</Text>
      {rule.falsePositives.length > 0 && (
        <>
          <h3>{words.falsePositives}</h3>
          <ul className={classes.text}>
            {rule.falsePositives.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      )}
      {rule.references.length > 0 && (
        <>
          <h3>{words.references}</h3>
          {/* Addresses in a rule come from outside: they are shown to be copied, not to be followed. */}
          <ul className={classes.text}>
            {rule.references.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function Tuning({ rule }: { rule: RuleDetail }): React.ReactNode {
  const words = t.detection.rules;
  const mayRespond = useRight('respond');
  const change = useRuleChange(rule.id);
  return (
    <Panel>
      <Switch
        label={words.enable}
        description={words.enabledHint}
        checked={rule.isEnabled}
        disabled={!mayRespond || change.isPending}
        onChange={(event) => change.mutate({ isEnabled: event.currentTarget.checked })}
      />
      <Select
        mt={16}
        label={words.level}
        description={words.levelInFile(t.common.levels[rule.levelInFile] ?? rule.levelInFile)}
        allowDeselect={false}
        disabled={!mayRespond || change.isPending}
        data={LEVELS.map((value) => ({ value, label: t.common.levels[value] }))}
        value={rule.level}
        onChange={(level) => change.mutate({ level: level as Level })}
      />
    </Panel>
  );
}

function factsOf(rule: RuleDetail): [string, React.ReactNode][] {
  const { columns: names, author, source, licence } = t.detection.rules;
  return [
    [names.logsource, rule.logsource],
    [names.techniques, rule.techniques.join(', ') || t.common.none],
    [author, rule.author ?? t.common.unknown],
    [source, rule.source ?? (rule.origin === 'wardkeep' ? t.shell.product : t.common.unknown)],
    ...(rule.licence === null ? [] : [[licence, rule.licence] as [string, string]]),
  ];
}
