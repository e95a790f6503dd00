import type { RebuildSummary } from '#server';
import { plural } from './numbers.ts';

/** What a rebuilding of the state did, and what it could not know, in sentences. */
export function rebuiltText(summary: RebuildSummary): string {
  const { entries, patients, incidents, missingFindings, kept } = summary;
  const lines = [
    `The state was made anew from ${plural(entries, 'entry', 'entries')}: ${plural(incidents.incidents, 'incident')} out of ` +
      `${plural(incidents.findings, 'finding')}, ${plural(incidents.acts, 'act')} of people done again, ` +
      `${plural(patients, 'patient')} numbered.`,
    ...carriedText(summary),
    ...lostText(summary),
  ];
  if (missingFindings > 0)
    lines.push(
      `Today's rules find ${plural(missingFindings, 'thing')} in what is old that no finding says; to append those: ` +
        'wardkeep detect --from 0',
    );
  if (kept !== null) lines.push(`The state as it was is kept: ${kept}. Delete it when all is well.`);
  return `${lines.join('\n')}\n`;
}

function carriedText({ previous, carried, incidents }: RebuildSummary): string[] {
  const rows = (table: string): number => carried.tables[table] ?? 0;
  if (previous === 'none')
    return [
      'There was no state to carry anything over from: accounts, tokens, sources, settings, saved hunts and the text of notes',
      'are in no ledger. `wardkeep up` gives a link for the first administrator; sources need new tokens.',
    ];
  if (previous === 'unreadable')
    return [
      'The old state cannot be read, and is kept as it is: accounts, tokens, sources, settings, saved hunts and the text of',
      'notes could not be carried over. A backup has them: wardkeep restore',
    ];
  const lines = [
    `Carried over: ${plural(rows('accounts_users'), 'account')}, ${plural(rows('accounts_tokens'), 'token')}, ` +
      `${plural(rows('intake_sources'), 'source')}, ${plural(rows('console_settings'), 'setting')}, ` +
      `${plural(rows('console_hunts'), 'saved hunt')}, ${plural(incidents.carried, 'note, title or reason', 'notes, titles and reasons')}.`,
  ];
  if (carried.unreadable.length > 0)
    lines.push(`Damaged, and not carried over: ${carried.unreadable.join(', ')}. A backup has them: wardkeep restore`);
  return lines;
}

function lostText({ incidents }: RebuildSummary): string[] {
  const { actsLeftOut, notesWithoutText, titlesLost, suppressionsLost } = incidents;
  const lost = [
    [
      notesWithoutText,
      plural(notesWithoutText, 'note is there without its text', 'notes are there without their text'),
    ],
    [
      titlesLost,
      plural(titlesLost, 'title that a person wrote is not known', 'titles that people wrote are not known'),
    ],
    [suppressionsLost, plural(suppressionsLost, 'suppression names a patient', 'suppressions name patients')],
    [actsLeftOut, plural(actsLeftOut, 'act could not be done again', 'acts could not be done again')],
  ] as const;
  const said = lost.filter(([times]) => times > 0).map(([, text]) => text);
  return said.length === 0 ? [] : [`Not in the ledger: ${said.join('; ')}.`];
}
