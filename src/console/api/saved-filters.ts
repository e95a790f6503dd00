/** Filters and order of a list under a name: of the one who saved them, or shared with everybody who works here. */
export interface SavedFilter {
  id: string;
  name: string;
  /** The page of the console: `events`. */
  page: 'incidents' | 'findings' | 'events';
  /** The query of the page's address: `since=day&outcome=failure`. Never names a patient. */
  search: string;
  /** Everybody who may read sees it; else the one who saved it alone. */
  isShared: boolean;
  author: string;
  changedMs: number;
}
