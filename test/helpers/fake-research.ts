import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { EndpointQuestion } from '#director/endpoint-source';

/** What one call meets: a value as JSON, a text as it stands, a status, or silence. */
export type ResearchBehaviour = { value: unknown } | { text: string } | { status: number } | 'hang';

export type FakeResearch = Awaited<ReturnType<typeof startFakeResearch>>;

/** An owner's research service on loopback; what it answers is made of the question, unless it is told otherwise. */
export async function startFakeResearch() {
  const calls: { question: EndpointQuestion; authorization: string | undefined }[] = [];
  const fake = { behaviour: null as ResearchBehaviour | null };
  const server = createServer((request, response) => {
    void (async () => {
      const question = (await json(request)) as EndpointQuestion;
      calls.push({ question, authorization: request.headers.authorization });
      const behaviour = fake.behaviour ?? { value: answerLike(question) };
      if (behaviour === 'hang') return;
      if ('status' in behaviour) response.writeHead(behaviour.status).end();
      else response.writeHead(200).end('text' in behaviour ? behaviour.text : JSON.stringify(behaviour.value));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    become: (behaviour: ResearchBehaviour | null) => {
      fake.behaviour = behaviour;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The last phrase is wanted most, one is wanted together with a word that nobody said, and two titles are there. */
function answerLike({ kind, phrases }: EndpointQuestion): unknown {
  const [first = ''] = phrases;
  if (kind === 'competitors') return { titles: [{ title: `How ${first} work` }, { title: `Why ${first} matter` }] };
  return {
    keywords: [
      { text: phrases.at(-1), score: 1 },
      { text: `${first} documentary`, score: 0.9 },
      { text: 'unrelated llamas', score: 0.8 },
    ],
  };
}
