import type { Api, ApiContext } from './context.ts';
import { registerAssets } from './routes/assets.ts';
import { registerEvents } from './routes/events.ts';
import { registerHealth } from './routes/health.ts';
import { registerJobs } from './routes/jobs.ts';
import { registerOutputs } from './routes/outputs.ts';

/** Every room of the house. */
export function registerRoutes(app: Api, context: ApiContext): void {
  registerHealth(app, context);
  registerAssets(app, context);
  registerJobs(app, context);
  registerEvents(app, context);
  registerOutputs(app, context);
}
