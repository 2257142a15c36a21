/** English words that say how something is said, not what: they part key phrases and are none themselves. */
export const stopwords: ReadonlySet<string> = new Set(
  `a about above across actually after again against ago all almost along already also although always am among an and another any anybody anyone anything anyway are aren't around as ask at away
   back basically be became because become been before behind being below between both but by came can can't cannot come comes could couldn't did didn't do does doesn't doing don't done down during
   each either else enough er even ever every everybody everyone everything far few for from gave get gets getting give given go goes going gone gonna good got great guess had hadn't half has hasn't have
   haven't having he he'd he'll he's hello her here here's hers herself hey hi him himself his hm hmm how how's however i i'd i'll i'm i've if in indeed instead into is isn't it it'd it'll it's its itself just
   keep kind kinda knew know knows last least less let let's like likely little look looking lot lots made make makes many may maybe me mean means might mine mm more most much must my myself nearly need needs
   never next no nobody none nor not nothing now of off often oh ok okay on once one ones only onto or other others otherwise our ours ourselves out over own part per perhaps please pretty probably put quite rather
   really right said same saw say saying says see seem seems seen several shall she she'd she'll she's should shouldn't since so some somebody someone something sometimes sort still stuff such sure take takes
   talk talking tell than thank thanks that that's the their theirs them themselves then there there's therefore these they they'd they'll they're they've thing things think this those though through thus til to
   today together too took toward towards try trying uh uhm um under until up upon us use used uses using usually very want wanted wants was wasn't way ways we we'd we'll we're we've well went were weren't what
   what's whatever when when's where where's whether which while who who's whom whose why will with within without won't would wouldn't y'know yeah yknow yes yet you you'd you'll you're you've your yours yourself yourselves`.split(
    /\s+/,
  ),
);

/** What things are counted by and in: part of what is said of a topic, never one. */
export const measures: ReadonlySet<string> = new Set(
  'two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty second seconds minute minutes hour hours day days week weeks month months year years percent hundred thousand million billion dollar dollars euro euros'.split(
    ' ',
  ),
);
