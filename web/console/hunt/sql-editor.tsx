import { Textarea } from '@mantine/core';
import { t } from '../../text/index.ts';
import classes from './hunt.module.css';

export interface SqlEditorProps {
  value: string;
  onChange: (value: string) => void;
  onRun: () => void;
}

/** A plain field for SQL: Ctrl+Enter runs it, Tab leaves it, as everywhere else. */
export function SqlEditor({ value, onChange, onRun }: SqlEditorProps): React.ReactNode {
  return (
    <Textarea
      aria-label={t.hunt.sql}
      placeholder="SELECT …"
      classNames={{ input: classes.editor ?? '' }}
      autosize
      minRows={5}
      maxRows={18}
      spellCheck={false}
      autoCapitalize="none"
      autoCorrect="off"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        if (value.trim() !== '') onRun();
      }}
    />
  );
}
