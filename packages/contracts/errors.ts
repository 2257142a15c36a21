/**
 * The one table of errors. `status` is what the API answers, `disposition` is what the engine does when a stage
 * throws it: `fail` never again, `retry` with backoff and a bound, `wait` unblamed until the job's deadline.
 * `advice` tells the caller what to do next; the documentation lists exactly these rows (a test holds it to that).
 */
export type Disposition = 'fail' | 'retry' | 'wait';

export interface ErrorRow {
  status: number;
  disposition: Disposition;
  title: string;
  advice: string;
}

export const errorTable = {
  REQUEST_INVALID: {
    status: 400,
    disposition: 'fail',
    title: 'The request is not valid',
    advice: 'Correct the fields named in errors[] and send it again.',
  },
  BODY_UNREADABLE: {
    status: 400,
    disposition: 'fail',
    title: 'The body could not be read',
    advice: 'Send well-formed JSON or multipart/form-data with a matching Content-Type.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    disposition: 'fail',
    title: 'The Idempotency-Key is malformed',
    advice: 'Send 1 to 255 printable ASCII characters.',
  },
  UNAUTHORIZED: { status: 401, disposition: 'fail', title: 'No valid key was given', advice: 'Send Authorization: Bearer ck_….' },
  FORBIDDEN: { status: 403, disposition: 'fail', title: 'The key may not do this', advice: 'Use a key with the scope named in detail.' },
  NOT_FOUND: {
    status: 404,
    disposition: 'fail',
    title: 'There is no such resource',
    advice: 'Check the id; another tenant’s ids look like unknown ones.',
  },
  ROUTE_NOT_FOUND: { status: 404, disposition: 'fail', title: 'There is no such route', advice: 'See /docs for the routes.' },
  ASSET_NOT_FOUND: {
    status: 404,
    disposition: 'fail',
    title: 'There is no such asset',
    advice: 'Upload the footage first and use the id of the answer.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    disposition: 'fail',
    title: 'The method is not allowed here',
    advice: 'See /docs for the methods of this route.',
  },
  JOB_FINISHED: {
    status: 409,
    disposition: 'fail',
    title: 'The job has already ended',
    advice: 'Read the job; create a new one or retry it.',
  },
  JOB_NOT_RETRYABLE: {
    status: 409,
    disposition: 'fail',
    title: 'Only a failed or cancelled job can be retried',
    advice: 'Wait for the job to end, or create a new one.',
  },
  JOB_NOT_READY: {
    status: 409,
    disposition: 'fail',
    title: 'The job has not come that far',
    advice: 'Wait for the event named in detail.',
  },
  ASSET_IN_USE: {
    status: 409,
    disposition: 'fail',
    title: 'An unfinished job still reads the asset',
    advice: 'Wait for the job or cancel it, then delete the asset.',
  },
  IDEMPOTENCY_IN_FLIGHT: {
    status: 409,
    disposition: 'fail',
    title: 'The first request with this key is still running',
    advice: 'Wait and send it again.',
  },
  UPLOAD_OFFSET_CONFLICT: {
    status: 409,
    disposition: 'fail',
    title: 'The upload stands at another offset',
    advice: 'Ask with HEAD where it stands and go on from there.',
  },
  PROFILE_BUILT_IN: {
    status: 409,
    disposition: 'fail',
    title: 'A built-in profile cannot be changed',
    advice: 'Save it under another name.',
  },
  UPLOAD_EXPIRED: { status: 410, disposition: 'fail', title: 'The upload has expired', advice: 'Start the upload again.' },
  REVISION_CONFLICT: {
    status: 412,
    disposition: 'fail',
    title: 'The plan has changed since you read it',
    advice: 'Read the plan again and repeat the change on it.',
  },
  TUS_VERSION_UNSUPPORTED: {
    status: 412,
    disposition: 'fail',
    title: 'The tus version is missing or not supported',
    advice: 'Send Tus-Resumable: 1.0.0.',
  },
  PRECONDITION_REQUIRED: {
    status: 428,
    disposition: 'fail',
    title: 'The change must say what it is based on',
    advice: 'Read the plan and send its ETag as If-Match.',
  },
  HEADERS_TOO_LARGE: { status: 431, disposition: 'fail', title: 'The headers are too large', advice: 'Send fewer or shorter headers.' },
  UPLOAD_TOO_LARGE: {
    status: 413,
    disposition: 'fail',
    title: 'The upload is larger than allowed',
    advice: 'Send a smaller file; the limit is in detail. Nothing was stored.',
  },
  QUOTA_EXCEEDED: {
    status: 413,
    disposition: 'fail',
    title: 'The tenant may not keep so much footage',
    advice: 'Delete assets that are no longer needed, or ask the operator for more. Nothing was stored.',
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    disposition: 'fail',
    title: 'The Content-Type is not supported here',
    advice: 'Send application/json or multipart/form-data.',
  },
  RANGE_UNSATISFIABLE: {
    status: 416,
    disposition: 'fail',
    title: 'The range lies outside the file',
    advice: 'Ask for bytes below the size in Content-Range.',
  },
  SOURCE_UNREADABLE: {
    status: 422,
    disposition: 'fail',
    title: 'The file is not usable footage',
    advice: 'Check that the file plays, then upload it again.',
  },
  SOURCE_HAS_NO_VIDEO: {
    status: 422,
    disposition: 'fail',
    title: 'The file has no moving picture',
    advice: 'Send footage with a video stream.',
  },
  SOURCE_TOO_LARGE: {
    status: 422,
    disposition: 'fail',
    title: 'The footage is beyond what this service decodes',
    advice: 'Scale it below the limit named in detail.',
  },
  SOURCE_UNSUPPORTED: {
    status: 422,
    disposition: 'fail',
    title: 'The footage has a property that is not supported',
    advice: 'Convert the file as detail says.',
  },
  SOURCE_EMPTY_EDIT: {
    status: 422,
    disposition: 'fail',
    title: 'Nothing would be left of the footage',
    advice: 'Turn silence_removal off or loosen its options.',
  },
  CAPABILITY_MISSING: {
    status: 422,
    disposition: 'fail',
    title: 'This installation cannot do that',
    advice: 'Choose another option, or install the tool named in detail.',
  },
  TRANSCRIPT_UNREADABLE: {
    status: 422,
    disposition: 'fail',
    title: 'The transcript could not be read',
    advice: 'Send SRT, WebVTT or words with start_s and end_s.',
  },
  URL_NOT_ALLOWED: { status: 422, disposition: 'fail', title: 'The address is not allowed', advice: 'Use a public http(s) address.' },
  URL_UNREACHABLE: {
    status: 422,
    disposition: 'retry',
    title: 'The address could not be fetched',
    advice: 'Check that the address answers, then try again.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    disposition: 'fail',
    title: 'The key was used with another body',
    advice: 'Use a new Idempotency-Key for a new request.',
  },
  CHECKSUM_MISMATCH: { status: 460, disposition: 'fail', title: 'The bytes do not match their checksum', advice: 'Upload the file again.' },
  RATE_LIMITED: { status: 429, disposition: 'wait', title: 'Too many requests', advice: 'Wait as long as Retry-After says.' },
  REQUEST_TIMEOUT: {
    status: 408,
    disposition: 'fail',
    title: 'The request took too long to arrive',
    advice: 'Send it again; use tus for slow connections.',
  },
  INTERNAL: {
    status: 500,
    disposition: 'retry',
    title: 'Something went wrong here',
    advice: 'Try again; if it stays, report the request_id.',
  },
  TOOL_FAILED: {
    status: 500,
    disposition: 'retry',
    title: 'A media tool failed',
    advice: 'See error.tool; if it stays, report the job id.',
  },
  TOOL_STALLED: {
    status: 500,
    disposition: 'retry',
    title: 'A media tool made no progress',
    advice: 'Retry the job; if it stays, the footage may be damaged.',
  },
  OUTPUT_INVALID: {
    status: 500,
    disposition: 'retry',
    title: 'A result did not agree with the plan',
    advice: 'Retry the job; if it stays, report the job id.',
  },
  LIMIT_EXCEEDED: {
    status: 422,
    disposition: 'fail',
    title: 'The work went beyond its limit',
    advice: 'Raise limits in the request, or send shorter footage.',
  },
  JOB_TIMEOUT: {
    status: 422,
    disposition: 'fail',
    title: 'The job passed its deadline',
    advice: 'Raise limits.timeout_s and retry the job.',
  },
  POISON_JOB: {
    status: 500,
    disposition: 'fail',
    title: 'The job ended its worker three times',
    advice: 'The footage or a tool is at fault: see error.tool, then retry once.',
  },
  CANCELLED: { status: 409, disposition: 'fail', title: 'The job was cancelled', advice: 'Retry the job to go on.' },
  SHUTTING_DOWN: { status: 503, disposition: 'wait', title: 'The service is stopping', advice: 'Try again in a moment.' },
  QUEUE_UNAVAILABLE: {
    status: 503,
    disposition: 'wait',
    title: 'The queue cannot be reached',
    advice: 'Nothing was accepted; try again as Retry-After says.',
  },
  QUEUE_FULL: {
    status: 503,
    disposition: 'wait',
    title: 'The queue is full',
    advice: 'Nothing was accepted; try again as Retry-After says.',
  },
  AI_UNAVAILABLE: {
    status: 503,
    disposition: 'wait',
    title: 'The AI provider cannot be reached',
    advice: 'The job goes on when the provider answers; on_ai_unavailable: fallback would use the offline rules.',
  },
  AI_FAILED: {
    status: 502,
    disposition: 'fail',
    title: 'The AI provider gave no usable answer',
    advice: 'Send on_ai_unavailable: fallback, or retry the job later.',
  },
  BUDGET_EXHAUSTED: {
    status: 422,
    disposition: 'fail',
    title: 'The AI budget is spent',
    advice: 'Raise limits.budget_usd, wait for the next day, or send on_ai_unavailable: fallback.',
  },
  MEMORY_SHORT: {
    status: 503,
    disposition: 'wait',
    title: 'The machine is short of memory',
    advice: 'The work goes on when memory is free; run fewer pieces at once, or add a worker.',
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    disposition: 'wait',
    title: 'The storage cannot be written',
    advice: 'Nothing was accepted; try again as Retry-After says.',
  },
  STORAGE_FULL: {
    status: 507,
    disposition: 'wait',
    title: 'There is no room left',
    advice: 'Delete assets or jobs, or ask the operator for room.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** What a failed tool left behind; the tail holds the last lines of stderr with local paths removed. */
export interface ToolTrace {
  exit_code: number | null;
  stderr_tail: string;
  command?: string[];
}

export interface ErrorDetails {
  detail: string;
  /** JSON pointer → what is wrong there. */
  errors?: { pointer: string; detail: string }[];
  tool?: ToolTrace;
  retryAfterS?: number;
  cause?: unknown;
}

/** The only error class that crosses a layer. `detail` names the field or file; it never holds a path or a secret. */
export class CutroomError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails | string) {
    const given = typeof details === 'string' ? { detail: details } : details;
    super(given.detail, { cause: given.cause });
    this.name = 'CutroomError';
    this.code = code;
    this.details = given;
  }

  get row(): ErrorRow {
    return errorTable[this.code];
  }
}

/** Anything thrown becomes a table row; what is not ours is `INTERNAL`, with its message kept as the cause only. */
export function toCutroomError(thrown: unknown): CutroomError {
  if (thrown instanceof CutroomError) return thrown;
  return new CutroomError('INTERNAL', { detail: 'An unexpected fault; the log has it under this request or job id.', cause: thrown });
}
