import { entryOf } from '#kernel';
import { objectsAt, textAt, valueAt } from '../native-value.ts';
import { ip, keep, str } from '../ocsf/codec.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { Draft, NativeFields } from '../types.ts';

// AWS Security Finding Format: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html

type Kind = 'vulnerability' | 'compliance' | 'detection';

const ROWS: Row[] = [
  ['Id', 'finding_info.uid'],
  ['Title', 'finding_info.title'],
  ['Description', 'finding_info.desc'],
  ['Types', 'finding_info.types'],
  ['SourceUrl', 'finding_info.src_url'],
  ['SchemaVersion', 'metadata.log_version'],
  ['UpdatedAt', 'metadata.original_time'],
  ['ProductArn', 'metadata.product.uid'],
  ['ProductName', 'metadata.product.name', keep(str)],
  ['CompanyName', 'metadata.product.vendor_name', keep(str)],
  ['GeneratorId', 'metadata.product.feature.uid'],
  ['AwsAccountId', 'cloud.account.uid'],
  ['Region', 'cloud.region'],
  ['Compliance/SecurityControlId', 'metadata.event_code'],
];

const COMPLIANCE_ROWS: Row[] = [
  ...ROWS,
  ['Compliance/Status', 'compliance.status'],
  ['GeneratorId', 'compliance.control'],
];

const SEVERITY: Readonly<Record<string, number>> = { INFORMATIONAL: 1, LOW: 2, MEDIUM: 3, HIGH: 4, CRITICAL: 5 };
const COMPLIANCE: Readonly<Record<string, number>> = { PASSED: 1, WARNING: 2, FAILED: 3 };
const GENERAL = defineFieldMap(ROWS);

const family = defineFamily<Kind>({
  name: 'securityhub',
  title: 'AWS Security Hub',
  maps: { vulnerability: GENERAL, detection: GENERAL, compliance: defineFieldMap(COMPLIANCE_ROWS) },
  kind(fields) {
    if (objectsAt(fields, 'Vulnerabilities').length > 0) return 'vulnerability';
    return valueAt(fields, 'Compliance', 'Status') === undefined ? 'detection' : 'compliance';
  },
  time: (fields, context) => isoTime(fields['UpdatedAt'], context) ?? isoTime(fields['CreatedAt'], context),
  fill(fields, draft, kind) {
    const isNew = fields['UpdatedAt'] === fields['CreatedAt'];
    draft.activityId = textAt(fields, 'RecordState') === 'ARCHIVED' ? 3 : isNew ? 1 : 2;
    const label = textAt(fields, 'Severity', 'Label') ?? textAt(fields, 'FindingProviderFields', 'Severity', 'Label');
    draft.severityId = entryOf(SEVERITY, label) ?? 0;
    draft.set('cloud.provider', 'AWS');
    const resources = objectsAt(fields, 'Resources').flatMap(resourceOf);
    if (resources.length > 0) draft.set('resources', resources);
    FILLS[kind](fields, draft);
  },
});

const FILLS: Readonly<Record<Kind, (fields: NativeFields, draft: Draft) => void>> = {
  vulnerability(fields, draft) {
    draft.classUid = 2002;
    draft.set('vulnerabilities', objectsAt(fields, 'Vulnerabilities').flatMap(vulnerabilityOf));
  },
  compliance(fields, draft) {
    draft.classUid = 2003;
    draft.set('compliance.status_id', entryOf(COMPLIANCE, textAt(fields, 'Compliance', 'Status')) ?? 0);
  },
  detection(fields, draft) {
    draft.classUid = 2004;
    const evidence = evidenceOf(fields);
    if (evidence !== undefined) draft.set('evidences', [evidence]);
  },
};

function resourceOf(resource: NativeFields): Record<string, unknown>[] {
  const uid = textAt(resource, 'Id');
  const type = textAt(resource, 'Type');
  return uid === undefined ? [] : [type === undefined ? { uid } : { uid, type }];
}

function vulnerabilityOf(vulnerability: NativeFields): Record<string, unknown>[] {
  const uid = textAt(vulnerability, 'Id');
  if (uid === undefined) return [];
  const packages = objectsAt(vulnerability, 'VulnerablePackages').flatMap((one) => {
    const name = textAt(one, 'Name');
    const version = textAt(one, 'Version');
    return name === undefined || version === undefined ? [] : [{ name, version }];
  });
  return [{ cve: { uid }, ...(packages.length > 0 && { affected_packages: packages }) }];
}

/** Who called what, where GuardDuty is behind the finding. */
function evidenceOf(fields: NativeFields): Record<string, unknown> | undefined {
  const at = 'aws/guardduty/service/action/awsApiCallAction/';
  const operation = textAt(fields, 'ProductFields', `${at}api`);
  const address = ip.to(textAt(fields, 'ProductFields', `${at}remoteIpDetails/ipAddressV4`));
  if (operation === undefined && address === undefined) return undefined;
  const service = textAt(fields, 'ProductFields', `${at}serviceName`);
  return {
    ...(operation !== undefined && {
      api: { operation, ...(service !== undefined && { service: { name: service } }) },
    }),
    ...(address !== undefined && { src_endpoint: { ip: address } }),
  };
}

/** Findings in ASFF, of Security Hub and what it gathers (GuardDuty, Inspector, Config). */
export const securityhub: JsonSource = {
  name: 'securityhub',
  title: 'AWS Security Hub findings (ASFF)',
  families: [family],
  oracle: 'ocsf/examples pairs',
  shape: 'json',
  accepts: (value) => 'AwsAccountId' in value && 'ProductArn' in value && 'GeneratorId' in value,
  parse: (value) => ({ family: 'securityhub', fields: value }),
};
