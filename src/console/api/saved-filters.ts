/** Filters and order of a list under a name, for everybody who works here. */
export interface SavedFilter {
  id: string;
  name: string;
  /** The page of the console: `events`. */
  page: 'incidents' | 'findings' | 'events';
  /** The query of the page's address: `since=day&outcome=failure`. Never names a patient. */
  search: string;
  author: string;
  changedMs: number;
}
