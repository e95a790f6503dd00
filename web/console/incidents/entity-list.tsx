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

/** Whom one can call and what one can unplug come before the traces that they left. */
const ORDER: readonly EntityKind[] = ['user', 'device', 'address', 'patient', 'service', 'process', 'file'];

/** Who and what takes part, with a way to everything else that they did. */
export function EntityList({ entities }: { entities: readonly Entity[] }): React.ReactNode {
  const ordered = entities.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return (
    <ul className={classes.entities}>
      {ordered.map(({ kind, name, count: times }) => {
        const Icon = ICONS[kind] ?? IconUser;
        return (
          <li key={`${kind} ${name}`}>
            <Icon size={18} stroke={1.6} aria-hidden />
            <div>
              <strong>{withBreaks(name)}</strong>
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

/** Long paths and names may break behind their separators instead of within a word. */
function withBreaks(name: string): React.ReactNode[] {
  return name.split(/(?<=[\\/@_])/).flatMap((piece, at) => (at === 0 ? [piece] : [<wbr key={at} />, piece]));
}
