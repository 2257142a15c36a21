import { meansRows } from './means-rows.ts';
import type { Row } from './panels.ts';
import { workRows } from './work-rows.ts';

/** The overview: how much comes in, where it waits, how fast it is done, what fails, what it costs and what fills up. */
export const overview: readonly Row[] = [...workRows, ...meansRows];
