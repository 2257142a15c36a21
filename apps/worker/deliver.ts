import type { WiredEngine } from '#engine/create';
import type { Delivery, DeliveryTask } from '#engine/outbox';
import { reach } from '#runtime/failpoint';
import type { WorkItem } from '#runtime/queue-types';
import { type createDelivery, type DeliveryAttempt, nextWebhookDelayMs } from '#runtime/webhook';

export interface DeliverParts {
  engine: WiredEngine;
  deliver: ReturnType<typeof createDelivery>;
  onAttempt: (outcome: string) => void;
}

/** One attempt at one delivery. What happens next is written into its record, where the reconciler finds it too. */
export function createDeliver({ engine, deliver, onAttempt }: DeliverParts) {
  return async (item: WorkItem): Promise<'done'> => {
    const { tenant, delivery: id } = item.data as DeliveryTask;
    const delivery = await engine.outbox.get(tenant, id);
    if (delivery?.status !== 'pending') return 'done';
    const secrets = await engine.outbox.secretsOf(delivery);
    await reach('outbox.before');
    const at = new Date();
    const attempt =
      secrets.length === 0
        ? removed
        : await deliver({
            id: delivery.event_id,
            timestamp: Math.floor(at.getTime() / 1000),
            body: delivery.body,
            secrets,
            url: delivery.url,
            signal: item.signal,
          });
    await reach('outbox.after');
    onAttempt(attempt.outcome);
    const { outcome, status, durationMs, error } = attempt;
    const line = { at: at.toISOString(), outcome, status, duration_ms: durationMs, error };
    await engine.outbox.settle(delivery, line, toEnd(delivery, attempt));
    return 'done';
  };
}

/** Pure: delivered, given up, switched off, or once more after a while. */
export function toEnd(delivery: Pick<Delivery, 'attempts'>, attempt: DeliveryAttempt): { status: Delivery['status']; delayMs: number } {
  if (attempt.outcome === 'delivered') return { status: 'delivered', delayMs: 0 };
  if (attempt.outcome === 'gone') return { status: 'disabled', delayMs: 0 };
  const delayMs = nextWebhookDelayMs(delivery.attempts.length + 1, attempt.retryAfterS);
  return delayMs === null ? { status: 'failed', delayMs: 0 } : { status: 'pending', delayMs };
}

/** Its endpoint was removed or switched off meanwhile. */
const removed: DeliveryAttempt = { outcome: 'gone', status: null, durationMs: 0, error: 'the endpoint is gone', retryAfterS: null };
