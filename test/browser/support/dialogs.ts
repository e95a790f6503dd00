import type { Page } from 'playwright-core';

/** What can be opened on a page: where, and the presses that lead there. */
export interface Opening {
  name: string;
  path: string;
  open: (page: Page) => Promise<void>;
}

const main = (page: Page) => page.getByRole('main');

async function press(page: Page, name: string | RegExp): Promise<void> {
  await main(page).getByRole('button', { name, exact: true }).first().click();
}

function ofMenu(name: string | RegExp) {
  return async (page: Page): Promise<void> => {
    await press(page, 'Menu');
    await page.getByRole('menuitem', { name }).click();
    await page.getByRole('dialog').waitFor();
  };
}

function byButton(name: string | RegExp) {
  return async (page: Page): Promise<void> => {
    await press(page, name);
    await page.getByRole('dialog').waitFor();
  };
}

function menuOf(name: string | RegExp) {
  return async (page: Page): Promise<void> => {
    await page.getByRole('button', { name }).last().click();
    await page.getByRole('menu').waitFor();
  };
}

const TABS = ['OCSF', 'As received', 'Proof'] as const;

/** Dialogs, menus, drawers, tabs and results. */
export const OPENINGS: readonly Opening[] = [
  { name: 'menu of an incident', path: '/incidents/i0', open: menuOf('Menu') },
  { name: 'closing an incident', path: '/incidents/i0', open: byButton('Close') },
  { name: 'merging', path: '/incidents/i0', open: ofMenu('Merge with…') },
  { name: 'splitting', path: '/incidents/i0', open: ofMenu('Split') },
  {
    name: 'suppressing',
    path: '/incidents/i0',
    open: async (page) => {
      await ofMenu('Hide such findings…')(page);
      const dialog = page.getByRole('dialog');
      // The field of several picks lies over its own input.
      await dialog.getByLabel('Only where these take part').click({ force: true });
      await page.getByRole('option').first().click();
      await dialog.getByLabel('Why this is harmless').fill('A known agent');
      await dialog.getByRole('button', { name: 'Show what it would have hidden' }).click();
      await dialog.getByText('It would have hidden').waitFor();
    },
  },
  ...TABS.map((tab) => ({
    name: `an event: ${tab}`,
    path: '/events/3',
    open: async (page: Page) => {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel').waitFor();
    },
  })),
  { name: 'saved filters', path: '/events', open: menuOf('Saved filters') },
  { name: 'export of a list', path: '/events', open: menuOf('Export') },
  {
    name: 'preview of a rule',
    path: '/rules/rule-3',
    open: async (page) => {
      await press(page, 'Try it');
      await page.getByText('findings in').waitFor();
    },
  },
  {
    name: 'import of rules',
    path: '/rules',
    open: async (page) => {
      await byButton('Import rules…')(page);
      await page.setInputFiles('input[type=file]', {
        name: 'r.zip',
        mimeType: 'application/zip',
        buffer: Buffer.from('r'),
      });
      await page.getByText('could not be read as rules').waitFor();
    },
  },
  ...(['table', 'bar', 'line', 'heat'] as const).map((picture) => ({
    name: `a hunt as ${picture}`,
    path: `/hunt?sql=SELECT+1&picture=${picture}`,
    open: async (page: Page) => {
      await press(page, 'Run');
      await page.getByText('240 rows in').waitFor();
      await page.locator('.mantine-Loader-root').first().waitFor({ state: 'hidden' });
    },
  })),
  { name: 'saving a hunt', path: '/hunt?sql=SELECT+1', open: byButton('Save…') },
  { name: 'adding a source', path: '/sources?add=1', open: (page) => page.getByRole('dialog').waitFor() },
  { name: 'changing a source', path: '/sources/s0', open: byButton('Change') },
  { name: 'removing a source', path: '/sources/s0', open: ofMenu('Remove') },
  {
    name: 'a receipt that is none',
    path: '/ledger',
    open: async (page) => {
      await page.setInputFiles('input[type=file]', {
        name: 'a.tlog-proof',
        mimeType: 'text/plain',
        buffer: Buffer.from('no'),
      });
      await page.getByText('The receipt is not good').waitFor();
    },
  },
  {
    name: 'a shorter retention',
    path: '/ledger',
    open: async (page) => {
      await page.getByRole('button', { name: 'Change' }).click();
      await page.getByRole('dialog').getByLabel('Telemetry').fill('1');
      await page.getByRole('button', { name: 'Shorten and destroy' }).waitFor();
    },
  },
  { name: 'placing a legal hold', path: '/ledger', open: byButton('Place a hold') },
  { name: 'releasing a legal hold', path: '/ledger', open: byButton(/^Release: /) },
  { name: 'adding a user', path: '/users', open: byButton('Add a user') },
  { name: 'menu of a user', path: '/users', open: menuOf(/^Actions for/) },
  { name: 'a new token', path: '/tokens', open: byButton('New token') },
  { name: 'changing the password', path: '/account', open: byButton('Change the password') },
  {
    name: 'the second factor',
    path: '/account',
    open: async (page) => {
      await main(page).getByRole('button', { name: 'Set it up' }).click();
      await page.getByText('Six digits', { exact: true }).first().waitFor();
    },
  },
  { name: 'the account menu', path: '/', open: menuOf(/^Signed in as/) },
  {
    name: 'the palette',
    path: '/',
    open: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('Go to or search…').fill('INC');
      await page.getByText('Search events for').waitFor();
    },
  },
  {
    name: 'the keys',
    path: '/',
    open: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
];
