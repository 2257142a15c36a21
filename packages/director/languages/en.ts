import type { Language } from '../fillers.ts';

const words = (text: string) => new Set(text.split(/\s+/));

/** English: media figures and lists of the design reference; `function` and `doubled` from everyday use, not from a corpus. */
export const en: Language = {
  hard: words('um umm uh uhh uhm uhmm erm errm er hm hmm mm mmm'),
  soft: ['you know', 'yknow', "y'know", 'i mean', 'sort of', 'kind of', 'like', 'so', 'basically', 'actually'].map((phrase) =>
    phrase.split(' '),
  ),
  units: words('mm er'),
  doubled: words(
    'very really so that had no yes yeah yep nope ha bye many much long far never ever again more well okay ok right now please wait go come knock blah hear there hey hello oh wow chop',
  ),
  short: words(
    `a i an as at am be by do go he hi if in is it me my no of oh ok on or so to up us we act add age ago aid aim air all and any are arm art ask ate bad bag bar bed big bit box boy but buy
     can car cat cup cut dad day did die dog dry due eat egg end eye far fat few fit fly for fun gas get god got gun guy had has hat her hey him his hit hot how ice its job key kid law lay led leg let lie
     lot low mad man map may men met mix mom net new nor not now odd off oil old one our out own pay per put ran raw red rid run sad sat saw say sea see set sex she sir sit six sky son sum sun tax tea ten
     the tie tip to too top toy try two use van via war was way web who why win won yes yet you`,
  ),
};
