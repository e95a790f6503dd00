import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { IconAdjustmentsHorizontal, IconSearch, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '../text/index.ts';
import classes from './filter-bar.module.css';

/** A pause in typing after which the list is asked for again, ms. */
const TYPING_MS = 300;

/** The row of filters above a list. */
export function FilterBar(props: {
  isFiltered: boolean;
  onClear: () => void;
  children: React.ReactNode;
  /** The rarer ones: on a phone they wait behind a button. */
  more?: React.ReactNode;
}): React.ReactNode {
  const isPhone = useMediaQuery('(max-width: 720px)') ?? false;
  const [isOpen, setOpen] = useState(false);
  return (
    <search className={classes.bar} aria-label={t.common.filters}>
      {props.children}
      {isPhone && props.more !== undefined && (
        <Button
          variant="default"
          aria-expanded={isOpen}
          leftSection={<IconAdjustmentsHorizontal size={15} aria-hidden />}
          onClick={() => setOpen(!isOpen)}
        >
          {t.common.moreFilters}
        </Button>
      )}
      {(!isPhone || isOpen) && props.more}
      {props.isFiltered && (
        <Button variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={props.onClear}>
          {t.common.clearFilters}
        </Button>
      )}
    </search>
  );
}

export interface FilterTextProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
  /** The one that `/` leads to; it has the room that is left. */
  isPrimary?: boolean;
}

export function FilterText({ label, value = '', onChange, isPrimary = false }: FilterTextProps): React.ReactNode {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  const tell = useDebouncedCallback((next: string) => onChange(next.trim() || null), TYPING_MS);
  const input = useRef<HTMLInputElement>(null);
  // The address changed without typing: a link, or the button that clears.
  if (value !== told) {
    setTold(value);
    if (value !== typed.trim()) setTyped(value);
  }
  useEffect(() => {
    if (isPrimary) input.current?.setAttribute('data-filter', '');
  }, [isPrimary]);
  return (
    <TextInput
      ref={input}
      className={isPrimary ? classes.primary : classes.text}
      aria-label={label}
      placeholder={label}
      leftSection={isPrimary ? <IconSearch size={15} aria-hidden /> : undefined}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}

export interface FilterSelectProps {
  label: string;
  value: string | undefined;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string | null) => void;
}

export function FilterSelect({ label, value, options, onChange }: FilterSelectProps): React.ReactNode {
  const known = options.some(([option]) => option === value);
  const data = options.map(([option, name]) => ({ value: option, label: name }));
  return (
    <Select
      className={classes.select}
      aria-label={label}
      placeholder={label}
      clearable
      data={known || value === undefined ? data : [...data, { value, label: value }]}
      value={value ?? null}
      onChange={onChange}
      clearButtonProps={{ 'aria-label': `${t.common.remove}: ${label}` }}
    />
  );
}
