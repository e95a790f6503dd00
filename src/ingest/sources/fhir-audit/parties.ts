import { isIP } from 'node:net';
import { compact, textAt, valueAt } from '../../native-value.ts';
import type { Draft, NativeFields } from '../../types.ts';
import { type Agent, agentsOf, codesOf, codingsOf, uidOf } from './resource.ts';

/** The agents by their part in the act. */
export interface Parties {
  /** Who asked for it. */
  user: Agent | undefined;
  /** The system that asked. */
  client: Agent | undefined;
  /** The system that keeps the record. */
  server: Agent | undefined;
  /** Where a disclosed record went. */
  recipient: Agent | undefined;
}

/** Codes of agents that are systems: DICOM role ids and FHIR's participation types. */
const SOURCE = '110153';
const DESTINATION = '110152';
const APPLICATION = '110150';
const CUSTODIAN = 'custodian';
const SYSTEMS = new Set([SOURCE, DESTINATION, APPLICATION, CUSTODIAN, 'authserver']);
const TOKEN_AGENTS = new Set(['UserSamlAgent', 'UserOauthAgent']);

/**
 * Who is who. In BALP data flow from source to destination: on a read the source is the server, on everything else the
 * client. A disclosure (export) is made by the source, which keeps the record.
 */
export function partiesOf(fields: NativeFields, act: 'read' | 'export' | 'other'): Parties {
  const agents = agentsOf(fields);
  const having = (code: string): Agent | undefined => agents.find(({ codes }) => codes.includes(code));
  const source = having(SOURCE);
  const destination = having(DESTINATION);
  const user =
    agents.find(({ isRequestor, codes }) => isRequestor && !codes.some((code) => SYSTEMS.has(code))) ??
    agents.find(({ codes }) => codes.some((code) => TOKEN_AGENTS.has(code)));
  if (act === 'export') return { user, client: source, server: source, recipient: destination };
  const [client, server] = act === 'read' ? [destination, source] : [source, destination];
  return {
    user,
    client: client ?? having(APPLICATION),
    server: server ?? having(CUSTODIAN) ?? having('authserver'),
    recipient: undefined,
  };
}

/** Who acts: the person, else the system alone. */
export function fillActor(draft: Draft, { user, client }: Parties): void {
  draft.set('actor.app_name', systemName(client));
  if (user === undefined) return;
  const who = user.fields['who'];
  const name = textAt(user.fields, 'name') ?? textAt(user.fields, 'who', 'display');
  draft.set('actor.user.uid', uidOf(who));
  draft.set('actor.user.name', name);
  draft.set('actor.user.uid_alt', textAt(user.fields, 'altId'));
  const groups = groupsOf(user);
  if (groups.length > 0) draft.set('actor.user.groups', groups);
}

/** Professional roles as groups; the participation itself (`IRCP`) is no role of the person. */
function groupsOf(user: Agent): Record<string, unknown>[] {
  return codingsOf(user.fields['role'])
    .map((coding) =>
      compact({ name: textAt(coding, 'display') ?? textAt(coding, 'code'), uid: textAt(coding, 'code'), type: 'role' }),
    )
    .filter((group) => group !== undefined);
}

/** The system that an agent is: its name, reference and network address. */
export function fillEndpoint(draft: Draft, side: 'src_endpoint' | 'dst_endpoint', agent: Agent | undefined): void {
  if (agent === undefined) return;
  draft.set(`${side}.name`, textAt(agent.fields, 'who', 'display'));
  draft.set(`${side}.uid`, uidOf(agent.fields['who']));
  fillAddress(draft, side, agent);
}

/** The network address alone: what a person is called does not name the machine in front of them. */
export function fillAddress(draft: Draft, side: 'src_endpoint' | 'dst_endpoint', agent: Agent): void {
  const address = addressOf(agent.fields);
  if (address === undefined) return;
  if (isIP(address) !== 0) draft.set(`${side}.ip`, address);
  else draft.set(`${side}.hostname`, hostOf(address));
}

/** R4 `network.address`; R5 `networkString`, `networkUri`, or a reference. */
function addressOf(fields: NativeFields): string | undefined {
  return textAt(fields, 'network', 'address') ?? textAt(fields, 'networkString') ?? textAt(fields, 'networkUri');
}

/** Host of a URL, or the text when it is a host name. */
export function hostOf(address: string): string | undefined {
  const host = URL.canParse(address) ? new URL(address).hostname : address;
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?$/.test(host) ? host : undefined;
}

/** What a system is called; undefined when nothing names it. */
export function systemName(agent: Agent | undefined): string | undefined {
  if (agent === undefined) return undefined;
  return textAt(agent.fields, 'who', 'display') ?? uidOf(agent.fields['who']) ?? addressOf(agent.fields);
}

/** Codes of the purpose of use: the agent's, else the event's (R5: authorization). */
export function purposesOf(fields: NativeFields, user: Agent | undefined): string[] {
  const own = codesOf([valueAt(user?.fields ?? {}, 'purposeOfUse'), valueAt(user?.fields ?? {}, 'authorization')]);
  if (own.length > 0) return own;
  const any = agentsOf(fields).flatMap((agent) =>
    codesOf([agent.fields['purposeOfUse'], agent.fields['authorization']]),
  );
  return any.length > 0 ? any : codesOf([fields['purposeOfEvent'], fields['authorization']]);
}
