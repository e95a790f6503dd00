import {
  IconActivityHeartbeat,
  IconBuildingBroadcastTower,
  IconCertificate,
  IconDatabaseExport,
  IconDevices2,
  IconEyeOff,
  IconFileSearch,
  IconFlame,
  IconGridDots,
  IconHome,
  IconKey,
  IconSearch,
  IconSettings,
  IconTargetArrow,
  IconUsers,
} from '@tabler/icons-react';
import type { Right } from '../../../src/console/api.ts';
import { t } from '../../text/index.ts';

export interface Place {
  to: string;
  label: string;
  icon: typeof IconHome;
  /** The room does not exist yet; its page says so. */
  isMissing?: boolean;
  needs?: Right;
}

export interface PlaceGroup {
  label: string | null;
  places: Place[];
}

/** Where one can go, under the six functions of NIST CSF 2.0. */
export function placeGroups(): PlaceGroup[] {
  const { functions, pages } = t.shell;
  return [
    { label: null, places: [{ to: '/', label: t.shell.overview, icon: IconHome }] },
    {
      label: functions.respond,
      places: [
        { to: '/incidents', label: pages.incidents, icon: IconFlame },
        { to: '/suppressions', label: pages.suppressions, icon: IconEyeOff },
      ],
    },
    {
      label: functions.detect,
      places: [
        { to: '/findings', label: pages.findings, icon: IconTargetArrow },
        { to: '/events', label: pages.events, icon: IconActivityHeartbeat },
        { to: '/hunt', label: pages.hunt, icon: IconSearch },
        { to: '/rules', label: pages.rules, icon: IconFileSearch },
        { to: '/coverage', label: pages.coverage, icon: IconGridDots },
        { to: '/sources', label: pages.sources, icon: IconBuildingBroadcastTower },
      ],
    },
    {
      label: functions.protect,
      places: [
        { to: '/users', label: pages.users, icon: IconUsers, needs: 'administer' },
        { to: '/tokens', label: pages.tokens, icon: IconKey, needs: 'administer' },
      ],
    },
    {
      label: functions.govern,
      places: [
        { to: '/ledger', label: pages.ledger, icon: IconCertificate },
        { to: '/settings', label: pages.settings, icon: IconSettings, needs: 'administer' },
      ],
    },
    {
      label: functions.identify,
      places: [{ to: '/identify', label: pages.devices, icon: IconDevices2, isMissing: true }],
    },
    {
      label: functions.recover,
      places: [{ to: '/recover', label: pages.backups, icon: IconDatabaseExport, isMissing: true }],
    },
  ];
}
