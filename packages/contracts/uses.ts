import type { EditPlan } from './plan.ts';
import type { Settings } from './settings.ts';

/** What a stage uses of the settings when its inputs are all it needs. */
export const nothing = () => null;

/** These parts of the settings as they are; one that a job of before did not have stays out of its key. */
export const only =
  <K extends keyof Settings>(...names: K[]) =>
  (settings: Settings) =>
    Object.fromEntries(names.map((name) => [name, settings[name]])) as Pick<Settings, K>;

/** These parts of the edit: what else a person changes in it does not matter to the stage. */
export const ofPlan =
  <K extends keyof EditPlan>(...names: K[]) =>
  (plan: EditPlan) =>
    Object.fromEntries(names.map((name) => [name, plan[name]])) as Pick<EditPlan, K>;

const wishes = ['silence', 'fillers', 'enhance', 'loudness', 'captions', 'broll', 'thumbnails', 'templates', 'clips'] as const;
const decided = only('content_type', 'mode', 'ai', ...wishes);

/** What the plan depends on. */
export const whatDecides = (settings: Settings) => ({ ...decided(settings), aspect: settings.output.aspect });
