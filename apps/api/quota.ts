import { CutroomError } from '#contracts/errors';
import type { ApiDeps } from './deps.ts';

/** Refuses footage beyond what a tenant may keep. Asked before the first byte with what is announced, and with what came before it is filed. */
export async function checkQuota({ engine, limits }: Pick<ApiDeps, 'engine' | 'limits'>, tenant: string, bytes: number): Promise<void> {
  const { tenantQuotaBytes } = limits;
  if (tenantQuotaBytes === null) return;
  const used = await engine.assets.usedBytes(tenant);
  if (used + bytes <= tenantQuotaBytes) return;
  throw new CutroomError('QUOTA_EXCEEDED', `The footage of a tenant may have ${tenantQuotaBytes} bytes in all; ${used} are in use.`);
}
