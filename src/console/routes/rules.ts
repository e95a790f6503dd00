import { z } from 'zod';
import { coverageOf } from '../coverage.ts';
import { ConsoleError } from '../errors.ts';
import { rowShown } from '../event-shown.ts';
import { RULES_ARCHIVE_BYTES_MAX } from '../limits.ts';
import { IdParams, Words } from '../query.ts';
import { type Route, callerIn, route } from '../route.ts';
import {
  CoverageSchema,
  PreviewRequestSchema,
  RuleChangeSchema,
  RuleDetailSchema,
  RuleImportSchema,
  RulePreviewSchema,
  RuleSummarySchema,
} from '../schemas/detection.ts';

const READER = { right: 'read', scope: 'read' } as const;
const RESPONDER = { right: 'respond', scope: 'respond' } as const;

export const RULE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/rules',
    summary: 'All rules, with their findings of the last 7 days; `q` looks in title, id, author and tags.',
    access: READER,
    query: z.strictObject({ q: Words.exactOptional() }),
    reply: z.array(RuleSummarySchema),
    async run({ services, query }) {
      const rules = await services.rules.list();
      if (query.q === undefined) return rules;
      const words = query.q.toLowerCase();
      return rules.filter(({ title, id, author, tactics, techniques, logsource }) =>
        [title, id, author ?? '', logsource, ...tactics, ...techniques].some((text) =>
          text.toLowerCase().includes(words),
        ),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/rules/:id',
    summary: 'A rule, with its text.',
    access: READER,
    params: IdParams,
    reply: RuleDetailSchema,
    async run({ services, params }) {
      const rule = await services.rules.get(params.id);
      if (rule === null) throw new ConsoleError('not_found', 'there is no such rule');
      return rule;
    },
  }),
  route({
    method: 'PATCH',
    path: '/rules/:id',
    summary: 'Turns a rule on or off, or gives it another level.',
    access: RESPONDER,
    params: IdParams,
    body: RuleChangeSchema,
    reply: RuleDetailSchema,
    records: 'rule.change',
    run: (asked) => asked.services.rules.change(asked.params.id, asked.body, callerIn(asked).actor.name),
  }),
  route({
    method: 'POST',
    path: '/rules/:id/preview',
    summary: 'What the rule would have found in the stored events of the last days.',
    access: RESPONDER,
    params: IdParams,
    body: PreviewRequestSchema,
    reply: RulePreviewSchema,
    async run(asked) {
      const { services, params, body } = asked;
      const caller = callerIn(asked);
      const preview = await services.hunting.run(caller.actor.id, () => services.rules.preview(params.id, body.days));
      return { ...preview, examples: preview.examples.map((row) => rowShown(services, caller, row)) };
    },
  }),
  route({
    method: 'POST',
    path: '/rules/import',
    summary: 'Imports an archive of Sigma rules.',
    access: { right: 'administer', scope: 'administer' },
    body: { bytes: RULES_ARCHIVE_BYTES_MAX, types: ['application/gzip', 'application/zip'] },
    reply: RuleImportSchema,
    records: 'rule.import',
    run: (asked) => asked.services.rules.importArchive(asked.body as Uint8Array, callerIn(asked).actor.name),
  }),
  route({
    method: 'GET',
    path: '/coverage',
    summary: 'Which techniques of ATT&CK the rules speak of.',
    access: READER,
    reply: CoverageSchema,
    run: async ({ services }) => coverageOf(await services.rules.list()),
  }),
];
