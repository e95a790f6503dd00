import { IconAlertOctagonFilled, IconEyeExclamation, IconShieldCheckFilled } from '@tabler/icons-react';
import type { Overview, Trouble } from '../../../src/console/api.ts';
import { t } from '../../text/index.ts';
import classes from './overview.module.css';

const ICONS = {
  safe: IconShieldCheckFilled,
  look: IconEyeExclamation,
  act: IconAlertOctagonFilled,
} as const satisfies Record<Overview['verdict'], unknown>;

/** The answer in five seconds: a word, a sentence, and what ails the server itself. */
export function VerdictBanner(props: {
  verdict: Overview['verdict'];
  sentence: string;
  troubles: Trouble[];
}): React.ReactNode {
  const { verdict, sentence, troubles } = props;
  const Icon = ICONS[verdict];
  return (
    <section className={classes.banner} data-verdict={verdict} aria-label={t.overview.verdicts[verdict]}>
      <Icon size={44} aria-hidden className={classes.bannerIcon} />
      <div>
        <p className={classes.bannerWord}>{t.overview.verdicts[verdict]}</p>
        <p className={classes.bannerSentence}>{sentence}</p>
        {troubles.length > 0 && (
          <ul className={classes.troubles} aria-label={t.overview.troubles}>
            {troubles.map(({ code, text, advice }) => (
              <li key={code}>
                <strong>{text}</strong> {advice}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
