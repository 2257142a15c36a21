import type { Stage } from '../stage.ts';

/** What is behind the words. */
export const runUnderstand: Stage<'understand'> = ({ settings: { mode, clips }, transcript }, { decide, signal }) =>
  decide((director) => director.understand({ transcript, mode, clips }, signal));
