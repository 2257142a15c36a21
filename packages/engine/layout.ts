/** Where everything lies in storage. Every tenant's keys begin with the tenant; `open/` lists what still moves. */
export const layout = {
  blob: (tenant: string, sha256: string) => `t/${tenant}/blobs/${sha256.slice(0, 2)}/${sha256}`,
  blobs: (tenant: string) => `t/${tenant}/blobs/`,
  artifacts: (tenant: string) => `t/${tenant}/artifacts/`,
  artifact: (tenant: string, stage: string, key: string) => `t/${tenant}/artifacts/${stage}/${key}.json`,
  asset: (tenant: string, id: string) => `t/${tenant}/assets/${id}.json`,
  assets: (tenant: string) => `t/${tenant}/assets/`,
  job: (tenant: string, id: string) => `t/${tenant}/jobs/${id}.json`,
  jobs: (tenant: string) => `t/${tenant}/jobs/`,
  run: (tenant: string, id: string, run: number) => `t/${tenant}/runs/${id}.${run}.json`,
  runs: (tenant: string) => `t/${tenant}/runs/`,
  outcome: (tenant: string, id: string, run: number) => `t/${tenant}/outcomes/${id}.${run}.json`,
  outcomes: (tenant: string) => `t/${tenant}/outcomes/`,
  approval: (tenant: string, id: string, run: number) => `t/${tenant}/approvals/${id}.${run}`,
  approvals: (tenant: string) => `t/${tenant}/approvals/`,
  delivery: (tenant: string, id: string) => `t/${tenant}/deliveries/${id}.json`,
  deliveries: (tenant: string) => `t/${tenant}/deliveries/`,
  endpoint: (tenant: string, id: string) => `t/${tenant}/endpoints/${id}.json`,
  endpoints: (tenant: string) => `t/${tenant}/endpoints/`,
  defaultSecret: (tenant: string) => `t/${tenant}/webhook-secret.json`,
  batch: (tenant: string, id: string) => `t/${tenant}/batches/${id}.json`,
  batches: (tenant: string) => `t/${tenant}/batches/`,
  batchEnd: (tenant: string, id: string) => `t/${tenant}/batch-ends/${id}.json`,
  /** Answers kept under an Idempotency-Key. */
  answers: (tenant: string) => `t/${tenant}/idempotency/`,
  /** Says since when nobody needs what lies under this key. */
  quarantined: (key: string) => `quarantine/${key}`,
  openJob: (id: string, tenant: string) => `open/jobs/${id}.${tenant}`,
  openJobs: 'open/jobs/',
  openDelivery: (id: string, tenant: string) => `open/deliveries/${id}.${tenant}`,
  openDeliveries: 'open/deliveries/',
  openBatch: (id: string, tenant: string) => `open/batches/${id}.${tenant}`,
  openBatches: 'open/batches/',
} as const;

/** `open/jobs/<id>.<tenant>` → both parts. */
export function parseOpenKey(key: string): { id: string; tenant: string } {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const dot = name.indexOf('.');
  return { id: name.slice(0, dot), tenant: name.slice(dot + 1) };
}
