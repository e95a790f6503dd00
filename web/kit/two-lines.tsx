import classes from './two-lines.module.css';

/** An entry of a list on a phone: a mark and what belongs to it, the title below, and a note. */
export function TwoLines(props: {
  mark: React.ReactNode;
  title: React.ReactNode;
  meta: React.ReactNode;
  /** A third line, cut where it ends; the title then has one. */
  note?: React.ReactNode;
}): React.ReactNode {
  return (
    <div className={classes.lines}>
      <div className={classes.first}>
        {props.mark}
        <span className={classes.meta}>{props.meta}</span>
      </div>
      <div className={classes.title} data-short={props.note !== undefined || undefined}>
        {props.title}
      </div>
      {props.note !== undefined && <div className={classes.note}>{props.note}</div>}
    </div>
  );
}
