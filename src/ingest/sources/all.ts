import type { Source } from '../source.ts';
import { evtx } from './windows/windows-evtx.ts';
import { windowsJson } from './windows/windows-json.ts';
import { windowsText } from './windows/windows-text.ts';
import { windowsXml } from './windows/windows-xml.ts';
import { atna } from './atna/atna.ts';
import { openemr } from './openemr/openemr.ts';
import { fhirAudit } from './fhir-audit/fhir-audit.ts';
import { hl7v2 } from './hl7v2/hl7v2.ts';
import { zeekJson } from './zeek-json.ts';
import { zeekTsv } from './zeek-tsv.ts';
import { ocsfJson } from './ocsf-json.ts';
import { suricata } from './suricata.ts';
import { falco } from './falco.ts';
import { vmConnection } from './vm-connection.ts';
import { authelia, autheliaJson } from './authelia.ts';
import { authentik } from './authentik.ts';
import { awsWaf } from './aws-waf.ts';
import { cloudtrail } from './cloudtrail.ts';
import { crowdstrike } from './crowdstrike.ts';
import { duo } from './duo.ts';
import { entra } from './entra.ts';
import { exchangeImap } from './exchange-imap.ts';
import { googleWorkspace } from './google-workspace.ts';
import { keycloak } from './keycloak.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';
import { m365 } from './m365.ts';
import { okta } from './okta.ts';
import { osquery } from './osquery.ts';
import { route53 } from './route53.ts';
import { salesforce } from './salesforce.ts';
import { securityhub } from './securityhub.ts';
import { vpcflow } from './vpcflow.ts';
import { auditd } from './auditd.ts';
import { pam } from './pam.ts';
import { sshd } from './sshd.ts';
import { sudo } from './sudo.ts';
import { su } from './su.ts';
import { cron } from './cron.ts';
import { syslog } from './syslog.ts';
import { logAnalyticsSyslog } from './log-analytics-syslog.ts';
import { cef } from './cef.ts';
import { leef } from './leef.ts';
import { ciscoAsa } from './cisco-asa.ts';
import { fortigate } from './fortigate.ts';
import { paloalto } from './paloalto.ts';
import { pfsense } from './pfsense.ts';
import { apache } from './apache.ts';
import { nginx } from './nginx.ts';
import { iis } from './iis.ts';
import { bind } from './bind.ts';
import { openvpn } from './openvpn.ts';
import { wireguard } from './wireguard.ts';

/** Every source, in the order of the README's table. A new source is one file and one line here. */
export const SOURCES: readonly Source[] = [
  ocsfJson,
  atna,
  openemr,
  fhirAudit,
  hl7v2,
  windowsJson,
  windowsXml,
  evtx,
  windowsText,
  zeekJson,
  zeekTsv,
  suricata,
  falco,
  vmConnection,
  cloudtrail,
  vpcflow,
  route53,
  awsWaf,
  securityhub,
  kubernetesAudit,
  entra,
  m365,
  exchangeImap,
  okta,
  googleWorkspace,
  duo,
  keycloak,
  authentik,
  authelia,
  autheliaJson,
  osquery,
  crowdstrike,
  salesforce,
  auditd,
  pam,
  sshd,
  sudo,
  su,
  cron,
  syslog,
  logAnalyticsSyslog,
  cef,
  leef,
  ciscoAsa,
  fortigate,
  paloalto,
  pfsense,
  apache,
  nginx,
  iis,
  bind,
  openvpn,
  wireguard,
];
