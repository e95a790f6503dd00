import { keep } from '../../../ocsf/codec.ts';
import { accountPart } from './codecs.ts';
import { type Plan, byActivity } from './plan.ts';
import { SUBJECT, callerProcess, target } from './rows.ts';

/** Accounts of people and machines, and their groups, in the Security log. */
export const ACCOUNTS: readonly [string, Plan][] = [
  ...byActivity(
    {
      'security/4720': 1,
      'security/4722': 2,
      'security/4723': 3,
      'security/4724': 4,
      'security/4725': 5,
      'security/4726': 6,
      'security/4738': 99,
      'security/4740': 9,
      'security/4741': 1,
      'security/4742': 99,
      'security/4743': 6,
      'security/4767': 12,
      'security/4765': 99,
      'security/4766': 99,
      'security/4794': 4,
      'security/4797': 99,
      'security/4798': 99,
    },
    {
      classUid: 3001,
      rows: [...SUBJECT, ...target('user', 'TargetSid'), ...callerProcess('CallerProcessId', 'CallerProcessName')],
    },
  ),
  [
    'security/4781',
    {
      classUid: 3001,
      activityId: 99,
      rows: [
        ...SUBJECT,
        ['OldTargetUserName', 'user.name'],
        ['TargetDomainName', 'user.domain'],
        ['TargetSid', 'user.uid'],
        ['NewTargetUserName', 'user_result.name'],
      ],
    },
  ],
  ...byActivity(
    {
      'security/4727': 6,
      'security/4731': 6,
      'security/4754': 6,
      'security/4744': 6,
      'security/4749': 6,
      'security/4759': 6,
      'security/4730': 5,
      'security/4734': 5,
      'security/4758': 5,
      'security/4748': 5,
      'security/4753': 5,
      'security/4763': 5,
      'security/4728': 3,
      'security/4732': 3,
      'security/4756': 3,
      'security/4746': 3,
      'security/4751': 3,
      'security/4761': 3,
      'security/4729': 4,
      'security/4733': 4,
      'security/4757': 4,
      'security/4747': 4,
      'security/4752': 4,
      'security/4762': 4,
      'security/4735': 99,
      'security/4737': 99,
      'security/4755': 99,
      'security/4764': 99,
      'security/4799': 99,
    },
    {
      classUid: 3006,
      rows: [
        ...SUBJECT,
        ...target('group', 'TargetSid'),
        ['MemberSid', 'user.uid'],
        ['MemberName', 'user.name', keep(accountPart)],
        ...callerProcess('CallerProcessId', 'CallerProcessName'),
      ],
    },
  ),
];
