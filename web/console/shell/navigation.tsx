import { Link } from '@tanstack/react-router';
import { useSession } from '../../kit/session.ts';
import { t } from '../../text/index.ts';
import classes from './navigation.module.css';
import { placeGroups } from './places.ts';

export function Navigation({ onGo }: { onGo?: () => void }): React.ReactNode {
  const { rights } = useSession();
  return (
    <nav aria-label={t.shell.navigation} className={classes.nav}>
      {placeGroups().map(({ label, places }) => {
        const open = places.filter(({ needs }) => needs === undefined || rights.includes(needs));
        if (open.length === 0) return null;
        return (
          <div key={label ?? ''} className={classes.group}>
            {label !== null && <h2>{label}</h2>}
            <ul>
              {open.map(({ to, label: name, icon: Icon, isMissing }) => (
                <li key={to}>
                  <Link
                    to={to}
                    onClick={onGo}
                    className={classes.link}
                    data-missing={isMissing}
                    activeOptions={{ exact: to === '/', includeSearch: false }}
                  >
                    <Icon size={18} stroke={1.7} aria-hidden />
                    <span>{name}</span>
                    {isMissing === true && <small>{t.shell.notYet}</small>}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}
