import { entryOf } from '#kernel';
import { OCSF_CLASS_NAMES } from './ocsf-classes.ts';
import { type FamilyRouter, type RouteFacts, aliasTable, byField, single } from './route.ts';

/** OCSF events, for the rules of `product: wardkeep`: the class is the category, fields are dotted paths. */
const ocsf = byField('class_uid', (uid): RouteFacts => {
  const name = OCSF_CLASS_NAMES.get(Number(uid === '' ? 0 : uid));
  return { products: ['wardkeep'], services: ['ocsf'], categories: name === undefined ? [] : [name] };
});

const CEF_ALIASES = aliasTable({
  src_ip: ['src'],
  dst_ip: ['dst'],
  src_port: ['spt'],
  dst_port: ['dpt'],
  action: ['act'],
});

/** Vendors say who they are in the header of CEF and LEEF. */
function envelopeFacts(vendor: string): RouteFacts {
  const product = vendor.trim().replaceAll(' ', '_');
  return { products: product === '' ? [] : [product], categories: ['firewall'], categoryAliases: CEF_ALIASES };
}

function application(product: string): FamilyRouter {
  return single({ products: [product], services: [product], categories: ['application'] });
}

/** CrowdStrike's process events in the words of Sysmon. */
const CROWDSTRIKE_PROCESS = aliasTable({
  Image: ['ImageFileName', 'event.FilePath'],
  ParentImage: ['ParentBaseFileName', 'event.ParentImageFileName'],
  CommandLine: ['event.CommandLine'],
  ProcessId: ['TargetProcessId', 'event.ProcessId'],
  ParentProcessId: ['ParentProcessId', 'event.ParentProcessId'],
  User: ['UserName', 'event.UserName'],
});

const CROWDSTRIKE_PRODUCTS: Readonly<Record<string, string>> = { win: 'windows', lin: 'linux', mac: 'macos' };

function crowdstrikeFacts(key: string): RouteFacts {
  const [event = '', platform = ''] = key.split('\n');
  const os = entryOf(CROWDSTRIKE_PRODUCTS, platform);
  const products = os === undefined ? ['crowdstrike'] : ['crowdstrike', os];
  if (!/^(?:synthetic)?processrollup2$/i.test(event)) return { products, services: ['crowdstrike'] };
  return {
    products,
    services: ['crowdstrike'],
    categories: ['process_creation'],
    categoryAliases: CROWDSTRIKE_PROCESS,
  };
}

const crowdstrike: FamilyRouter = {
  key: (fields) => {
    const event = fields['event_simpleName'];
    const platform = fields['event_platform'];
    return `${typeof event === 'string' ? event.slice(0, 128) : ''}\n${typeof platform === 'string' ? platform.toLowerCase().slice(0, 16) : ''}`;
  },
  facts: crowdstrikeFacts,
};

export const applicationRouters: Readonly<Record<string, FamilyRouter>> = {
  ocsf,
  cef: byField('DeviceVendor', envelopeFacts),
  leef: byField('DeviceVendor', envelopeFacts),
  crowdstrike,
  osquery: single({ products: ['osquery'], services: ['osquery'] }),
  keycloak: application('keycloak'),
  authentik: application('authentik'),
  authelia: application('authelia'),
  openemr: application('openemr'),
  'fhir-audit': application('fhir'),
  atna: application('atna'),
  hl7v2: application('hl7v2'),
};
