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
import { useState } from 'react';
import type { Entity, EntityKind, Incident } from '../../../src/console/api.ts';
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

/** Kinds that the archive has an index of, and the filter that asks it. */
const INDEXED: Partial<Record<EntityKind, string>> = {
  user: 'user',
  device: 'device',
  address: 'ip',
  patient: 'patient',
};

/** Whom one can call and what one can unplug come before the traces that they left. */
const ORDER: readonly EntityKind[] = ['user', 'device', 'address', 'patient', 'service', 'process', 'file'];

/** Ransomware leaves files by the hundred; the rest is a click away. */
const SHOWN_FIRST = 8;

/** Who and what takes part, with a way to everything else that they did. */
export function EntityList({ incident }: { incident: Incident }): React.ReactNode {
  const [isAll, setAll] = useState(false);
  const ordered = incident.entities.toSorted(
    (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || b.count - a.count,
  );
  const shown = isAll ? ordered : ordered.slice(0, SHOWN_FIRST);
  return (
    <>
      <ul className={classes.entities}>
        {shown.map(({ kind, name, count: times }) => {
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
              <Link to="/events" search={searchFor(incident.id, { kind, name })}>
                {t.incidents.lookUp}
              </Link>
            </li>
          );
        })}
      </ul>
      {shown.length < ordered.length && (
        <button type="button" className={classes.showAll} onClick={() => setAll(true)}>
          {t.incidents.showAll(count(ordered.length))}
        </button>
      )}
    </>
  );
}

/** Everything that names it; of a file, process or service, what of the incident's evidence does (by the last part of a path). */
function searchFor(incident: string, { kind, name }: Pick<Entity, 'kind' | 'name'>): Record<string, string> {
  const filter = INDEXED[kind];
  if (filter !== undefined) return { [filter]: name };
  return { incident, text: name.split(/[\\/]/).at(-1) ?? name };
}

/** Long paths and names may break behind their separators instead of within a word. */
function withBreaks(name: string): React.ReactNode[] {
  return name.split(/(?<=[\\/@_])/).flatMap((piece, at) => (at === 0 ? [piece] : [<wbr key={at} />, piece]));
}
