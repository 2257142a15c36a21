import type { Api, ApiContext } from './context.ts';
import { registerAssets } from './routes/assets.ts';
import { registerBatches } from './routes/batches.ts';
import { registerBoard } from './routes/board.ts';
import { registerConsole } from './routes/console.ts';
import { registerEvents } from './routes/events.ts';
import { registerHealth } from './routes/health.ts';
import { registerJobs } from './routes/jobs.ts';
import { registerKeys } from './routes/keys.ts';
import { registerOutputs } from './routes/outputs.ts';
import { registerPlan } from './routes/plan.ts';
import { registerProfiles } from './routes/profiles.ts';
import { registerQueues } from './routes/queues.ts';
import { registerSystem } from './routes/system.ts';
import { registerTemplates } from './routes/templates.ts';
import { registerUploads } from './routes/uploads.ts';
import { registerWebhooks } from './routes/webhooks.ts';

/** Every room of the house. */
export function registerRoutes(app: Api, context: ApiContext): void {
  registerHealth(app, context);
  registerAssets(app, context);
  registerJobs(app, context);
  registerEvents(app, context);
  registerOutputs(app, context);
  registerBoard(app, context);
  registerBatches(app, context);
  registerConsole(app, context);
  registerKeys(app, context);
  registerPlan(app, context);
  registerProfiles(app, context);
  registerQueues(app, context);
  registerSystem(app, context);
  registerTemplates(app, context);
  registerUploads(app, context);
  registerWebhooks(app, context);
}
