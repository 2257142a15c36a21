/** Loaded into a program from outside (`node --import`): at its end it writes the p99 of its event-loop delay to the file that `LOOP_DELAYS` names. */
import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
process.on('exit', () => {
  const file = process.env['LOOP_DELAYS'];
  if (file) appendFileSync(file, `${JSON.stringify({ program: process.argv[1], p99Ms: delay.percentile(99) / 1e6 })}\n`);
});
