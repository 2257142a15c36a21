export interface Progress {
  frame: number;
  outTimeS: number;
}

export interface ProgressReport extends Progress {
  totalBytes: number;
  ended: boolean;
}

const keys = /^(frame|fps|stream_\d+_\d+_\w+|bitrate|total_size|out_time(_us|_ms)?|dup_frames|drop_frames|speed|progress)=/;

/**
 * Splits ffmpeg's stderr under `-progress pipe:2`: `feed` takes a line, tells whether it belonged to a progress
 * block, and gives the report when the block is complete.
 */
export function createProgressParser(): { feed(line: string): { isProgress: boolean; report?: ProgressReport } } {
  const report: ProgressReport = { frame: 0, outTimeS: 0, totalBytes: 0, ended: false };
  return {
    feed(line) {
      if (!keys.test(line)) return { isProgress: false };
      const [key, value] = line.split('=', 2) as [string, string];
      if (key === 'frame') report.frame = toNumber(value, report.frame);
      // `out_time_ms` is in microseconds too and the only one that every version prints
      if (key === 'out_time_ms') report.outTimeS = toNumber(value, report.outTimeS * 1e6) / 1e6;
      if (key === 'total_size') report.totalBytes = toNumber(value, report.totalBytes);
      if (key !== 'progress') return { isProgress: true };
      return { isProgress: true, report: { ...report, ended: value.trim() === 'end' } };
    },
  };
}

function toNumber(text: string, fallback: number): number {
  const value = Number.parseInt(text, 10);
  return Number.isFinite(value) ? Math.max(0, value) : fallback;
}
