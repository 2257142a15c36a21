declare module 'music-tempo' {
  /** BeatRoot on mono samples at 44.1 kHz: `beats` in seconds. Throws without onsets. */
  const MusicTempo: new (samples: Float32Array) => { beats: number[] };
  export = MusicTempo;
}
