import { TextInput } from '@mantine/core';
import { useSession } from './session.ts';
import classes from './filter-bar.module.css';
import { msOfZoned, zonedText } from './zoned.ts';

/** A moment in the hospital's zone; the address has it in ms since the epoch. */
export function FilterTime(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
}): React.ReactNode {
  const { zone } = useSession();
  const ms = Number(props.value);
  const isMoment = props.value !== undefined && Number.isFinite(ms) && Math.abs(ms) <= 8.64e15;
  return (
    <TextInput
      className={classes.time}
      type="datetime-local"
      aria-label={props.label}
      title={props.label}
      value={isMoment ? zonedText(ms, zone) : ''}
      onChange={(event) => {
        const next = msOfZoned(event.currentTarget.value, zone);
        props.onChange(next === null ? null : String(next));
      }}
    />
  );
}
