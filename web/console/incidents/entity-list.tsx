import {
  IconAppWindow,
  IconCpu,
  IconDeviceDesktop,
  IconFile,
  IconHeartbeat,
  IconNetwork,
  IconUser,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Entity, EntityKind } from '../../../src/console/api.ts';
import { count } from '../../kit/numbers.ts';
import { t } from '../../text/index.ts';
import classes from './incident.module.css';

const ICONS = {
  user: IconUser,
  device: IconDeviceDesktop,
  address: IconNetwork,
  patient: IconHeartbeat,
  process: IconCpu,
  file: IconFile,
  service: IconAppWindow,
} as const satisfies Record<EntityKind, unknown>;

/** Filters of the events page by which a kind can be looked up. */
const FILTERS: Partial<Record<EntityKind, string>> = {
  user: 'user',
  device: 'device',
  address: 'ip',
  patient: 'patient',
  process: 'text',
  file: 'text',
  service: 'text',
};

/** Who and what takes part, with a way to everything else that they did. */
export function EntityList({ entities }: { entities: readonly Entity[] }): React.ReactNode {
  return (
    <ul className={classes.entities}>
      {entities.map(({ kind, name, count: times }) => {
        const Icon = ICONS[kind] ?? IconUser;
        return (
          <li key={`${kind} ${name}`}>
            <Icon size={18} stroke={1.6} aria-hidden />
            <div>
              <strong>{name}</strong>
              <small>
                {t.incidents.entityKinds[kind] ?? kind} · {t.incidents.entityCount(count(times))}
              </small>
            </div>
            <Link to="/events" search={{ [FILTERS[kind] ?? 'text']: name }}>
              {t.incidents.lookUp}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
