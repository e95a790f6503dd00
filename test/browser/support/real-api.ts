import assert from 'node:assert/strict';
import type { APIResponse, Page as BrowserPage } from 'playwright-core';
import type { Page, Role, UserSecret } from '../../../src/console/api.ts';

/** The interface of the server that the page shows, with the page's session. */
export interface RealApi {
  get<T>(path: string): Promise<T>;
  /** All items of a list, page after page. */
  all<T>(path: string): Promise<T[]>;
  /** Makes a user, and signs them in in that page with a password of their own. */
  join(page: BrowserPage, user: { name: string; role: Role; password: string }): Promise<void>;
}

export function apiOf(page: BrowserPage): RealApi {
  const { origin } = new URL(page.url());
  const get = async <T>(path: string): Promise<T> => bodyOf<T>(await page.request.get(`${origin}/api/v1${path}`));
  return {
    get,
    async all<T>(path: string) {
      const items: T[] = [];
      let before: string | null = '';
      while (before !== null) {
        const query: string = `${path.includes('?') ? '&' : '?'}limit=500${before === '' ? '' : `&before=${before}`}`;
        const found: Page<T> = await get<Page<T>>(path + query);
        items.push(...found.items);
        before = found.next;
      }
      return items;
    },
    async join(other, { name, role, password }) {
      const send = async (by: BrowserPage, path: string, data: object): Promise<APIResponse> => {
        const headers = { 'x-wardkeep': '1', origin };
        const response = await by.request.post(`${origin}/api/v1${path}`, { headers, data });
        assert.ok(response.ok(), await response.text());
        return response;
      };
      const made = await bodyOf<UserSecret>(await send(page, '/users', { name, role, seesPatients: false }));
      await send(other, '/session', { user: name, password: made.password });
      await send(other, '/session/password', { current: made.password, next: password });
      await other.goto(origin);
    },
  };
}

async function bodyOf<T>(response: APIResponse): Promise<T> {
  assert.ok(response.ok(), await response.text());
  return (await response.json()) as T;
}
