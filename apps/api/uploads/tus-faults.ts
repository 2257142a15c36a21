import { ERRORS } from '@tus/server';
import { CutroomError, type ErrorCode } from '#contracts/errors';

/** What @tus/server throws is a status and a line of text; here it becomes a row of our table. */
export function fromTus(thrown: unknown, maxBytes: number): CutroomError {
  if (thrown instanceof CutroomError) return thrown;
  const row = rows.find(([fault]) => fault === thrown);
  if (row) return new CutroomError(row[1], row[2]);
  const { status_code, body } = thrown as { status_code?: number; body?: string };
  if (status_code === 413)
    return new CutroomError('UPLOAD_TOO_LARGE', `A file may have ${maxBytes} bytes at most, and not more than Upload-Length.`);
  if (status_code !== undefined && status_code < 500) return new CutroomError('REQUEST_INVALID', (body ?? '').trim());
  return new CutroomError('STORAGE_UNAVAILABLE', { detail: 'The bytes could not be kept.', cause: thrown });
}

const rows: readonly [unknown, ErrorCode, string][] = [
  [ERRORS.FILE_NOT_FOUND, 'NOT_FOUND', 'No upload has this id.'],
  [ERRORS.FILE_NO_LONGER_EXISTS, 'UPLOAD_EXPIRED', 'It was not completed within a day.'],
  [ERRORS.INVALID_OFFSET, 'UPLOAD_OFFSET_CONFLICT', 'Upload-Offset is not where the upload stands.'],
  [ERRORS.ERR_LOCK_TIMEOUT, 'UPLOAD_OFFSET_CONFLICT', 'Another request is writing to this upload.'],
  [ERRORS.ABORTED, 'UPLOAD_OFFSET_CONFLICT', 'The request was broken off; another one may have taken over.'],
  [ERRORS.MISSING_OFFSET, 'REQUEST_INVALID', 'The Upload-Offset header is missing.'],
  [ERRORS.INVALID_CONTENT_TYPE, 'MEDIA_TYPE_UNSUPPORTED', 'PATCH takes application/offset+octet-stream.'],
];

/** Answers that @tus/server writes without throwing, by their text. */
export function fromTusText(status: number, text: string): CutroomError {
  if (/content-type/i.test(text)) return new CutroomError('MEDIA_TYPE_UNSUPPORTED', 'PATCH takes application/offset+octet-stream.');
  if (status === 404) return new CutroomError('NOT_FOUND', 'No upload has this id.');
  return new CutroomError('REQUEST_INVALID', text.trim());
}
