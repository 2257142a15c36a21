import { endOfClause, type Finder, hasContent, type Spoken, toConcept, toDrawn } from './spoken.ts';

const openings: readonly RegExp[] = [
  /^(?:.* )?(?:talk|talking|speak|speaking|learn|learning) about$/,
  /^(?:.* )?(?:video|lesson|lecture|talk|course|episode|chapter) is about$/,
  /^(?:.* )?(?:today|video|lesson|lecture) (?:we|i)(?:'ll| will| are| am|'re|'m)? (?:going to )?(?:look at|cover|explain|see)$/,
  /^(?:.* )?welcome to$/,
];
const latestS = 60;
const mostWords = 7;

/** What an opening announces, and who says it: "today we talk about rivers", "my name is Anna Berg". Only in the first minute. */
export const findTitles: Finder = (sentence) => {
  if ((sentence.words[0]?.start_s ?? latestS) >= latestS) return [];
  return [...findTopic(sentence), ...findName(sentence)].slice(0, 1);
};

function findTopic(sentence: Spoken): ReturnType<Finder> {
  const from = sentence.plain.findIndex((_, index) => openings.some((opening) => opening.test(sentence.plain.slice(0, index).join(' '))));
  if (from < 1) return [];
  const to = endOfClause(sentence, from, mostWords);
  if (!hasContent(sentence, from, to) || /^(this|that|it|you|me|us|my)$/.test(sentence.plain[from]!)) return [];
  return toConcept(sentence, { kind: 'title', from, to: to - 1, phrase: toDrawn(sentence, from, to) });
}

function findName(sentence: Spoken): ReturnType<Finder> {
  const { plain, texts } = sentence;
  const at = plain.findIndex((word, index) => word === 'name' && plain[index - 1] === 'my' && /^(is|name's)$/.test(plain[index + 1] ?? ''));
  if (at < 0) return [];
  let to = at + 2;
  while (to < texts.length && to - at - 2 < 3 && /^\p{Lu}\p{L}+/u.test(texts[to]!)) {
    to++;
    if (/[.,;:!?]$/.test(texts[to - 1]!)) break;
  }
  return to === at + 2 ? [] : toConcept(sentence, { kind: 'title', from: at + 2, to: to - 1, phrase: toDrawn(sentence, at + 2, to) });
}
