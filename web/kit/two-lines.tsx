import classes from './two-lines.module.css';

/** An entry of a list on a phone: a mark and a note, and the title below. */
export function TwoLines(props: {
  mark: React.ReactNode;
  title: React.ReactNode;
  meta: React.ReactNode;
}): React.ReactNode {
  return (
    <div className={classes.lines}>
      <div className={classes.first}>
        {props.mark}
        <span className={classes.meta}>{props.meta}</span>
      </div>
      <div className={classes.title}>{props.title}</div>
    </div>
  );
}
