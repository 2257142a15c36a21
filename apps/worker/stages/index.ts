import type { HardwareNotes } from '#media/render/hardware-gate';
import type { SafeFetch } from '#runtime/safe-fetch';
import { readAvailableMemory } from '#runtime/system';
import { createAdmission } from '../admission.ts';
import type { Stages } from '../stage.ts';
import { runAnalyzeAudio } from './analyze-audio.ts';
import { runAnalyzeVideo } from './analyze-video.ts';
import { runAssemble } from './assemble.ts';
import { runCaptions } from './captions.ts';
import { runClips } from './clips.ts';
import { runCutClips } from './cut-clips.ts';
import { runDirect } from './direct.ts';
import { createFetchStage } from './fetch.ts';
import { runFindBeats } from './find-beats.ts';
import { runFinish } from './finish.ts';
import { createIngestStage } from './ingest.ts';
import { runInterchange } from './interchange.ts';
import { runLook } from './look.ts';
import { runMetadata } from './metadata.ts';
import { runNormalizeStage } from './normalize.ts';
import { runPreview } from './preview.ts';
import { runPreviewPiece } from './preview-piece.ts';
import { runRenderAudio } from './render-audio.ts';
import { createRenderChunk } from './render-chunk.ts';
import { runResearch } from './research.ts';
import { runThumbnails } from './thumbnails.ts';
import { createTimeline } from './timeline.ts';
import { runTrackSubject } from './track-subject.ts';
import { runTranscribe } from './transcribe.ts';
import { runUnderstand } from './understand.ts';

export interface StagesParts {
  safeFetch: SafeFetch;
  maxBytes: number;
  maxPixels: number;
  hardwareSessions: number;
  hardwareNotes: HardwareNotes;
  /** Pieces of video that this worker encodes beside each other. */
  piecesAtOnce: number;
}

/** THE list: what each stage of `contracts/pipeline.ts` does. A stage without a function does not compile. */
export const createStages = ({ safeFetch, maxBytes, maxPixels, hardwareSessions, hardwareNotes, piecesAtOnce }: StagesParts): Stages =>
  ({
    fetch: createFetchStage({ safeFetch, maxBytes }),
    ingest: createIngestStage({ maxPixels }),
    normalize: runNormalizeStage,
    'analyze-audio': runAnalyzeAudio,
    'analyze-video': runAnalyzeVideo,
    transcribe: runTranscribe,
    understand: runUnderstand,
    look: runLook,
    research: runResearch,
    'track-subject': runTrackSubject,
    'find-beats': runFindBeats,
    direct: runDirect,
    timeline: createTimeline({ piecesAtOnce }),
    'render-audio': runRenderAudio,
    'preview-piece': runPreviewPiece,
    preview: runPreview,
    'render-chunk': createRenderChunk({
      hardwareSessions,
      hardwareNotes,
      admission: createAdmission({ readAvailable: readAvailableMemory }),
    }),
    assemble: runAssemble,
    'cut-clips': runCutClips,
    clips: runClips,
    thumbnails: runThumbnails,
    captions: runCaptions,
    metadata: runMetadata,
    interchange: runInterchange,
    finish: runFinish,
  }) satisfies Stages;
