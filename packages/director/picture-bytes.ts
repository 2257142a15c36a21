import type { Drawing, Picture } from './provider.ts';

const maxBytes = 20 * 1024 * 1024;
const minWidth = 512;
/** Models round to multiples of 16 pixels or so. */
const aspectTolerance = 0.03;

/** Bytes that somebody calls a picture → one of a known type, size and aspect; null = it is none. */
export function readPicture(bytes: Uint8Array, aspect: Drawing['aspect']): Picture | null {
  if (bytes.length > maxBytes) return null;
  const picture = readPng(bytes) ?? readJpeg(bytes);
  if (picture === null || picture.width < minWidth) return null;
  const [across, down] = aspect.split(':').map(Number) as [number, number];
  return Math.abs(picture.width / picture.height / (across / down) - 1) <= aspectTolerance ? picture : null;
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The header chunk comes first and has the size; the end chunk says that nothing is missing. */
function readPng(bytes: Uint8Array): Picture | null {
  if (bytes.length < 57 || pngSignature.some((byte, index) => bytes[index] !== byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (String.fromCharCode(...bytes.subarray(bytes.length - 8, bytes.length - 4)) !== 'IEND') return null;
  return { bytes, contentType: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
}

/** Walks the segments up to the frame header, which has the size. */
function readJpeg(bytes: Uint8Array): Picture | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes.at(-2) !== 0xff || bytes.at(-1) !== 0xd9) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { bytes, contentType: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return null;
}
