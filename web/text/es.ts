import { type Text, en } from './en.ts';

export const es: Text = en;
