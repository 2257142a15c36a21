import { open } from 'node:fs/promises';

const fileHeaderBytes = 32;
const frameHeaderBytes = 12;

/**
 * Presentation times of all pictures of an IVF file as written on disk, and its ticks per second. One frame of it is
 * what shows one picture, hidden pictures included, for AV1 and VP9 alike. Reads the headers alone.
 */
export async function readIvfTimes(path: string): Promise<{ times: number[]; ticksPerS: number }> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(fileHeaderBytes);
    await file.read(header, 0, fileHeaderBytes, 0);
    const ticksPerS = header.readUInt32LE(16) / header.readUInt32LE(20);
    const times: number[] = [];
    const frame = Buffer.alloc(frameHeaderBytes);
    for (let position = fileHeaderBytes; ; position += frameHeaderBytes + frame.readUInt32LE(0)) {
      const { bytesRead } = await file.read(frame, 0, frameHeaderBytes, position);
      if (bytesRead < frameHeaderBytes) return { times, ticksPerS };
      times.push(Number(frame.readBigUInt64LE(4)));
    }
  } finally {
    await file.close();
  }
}
