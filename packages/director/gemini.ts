import {
  type EnhancedGenerateContentResponse,
  type Part as GeminiPart,
  type GenerationConfig,
  GoogleGenerativeAI,
  GoogleGenerativeAIFetchError,
  type ModelParams,
} from '@google/generative-ai';
import { type AiUsage, ProviderError } from '#contracts/ai';
import { toAnswerSchema } from './answer-schema.ts';
import { readPicture } from './picture-bytes.ts';
import type { Part, Provider } from './provider.ts';
import { classifyRefusal } from './provider-faults.ts';

export interface GeminiSettings {
  apiKey: string;
  baseUrl: string;
  model: string;
  imageModel: string;
}

/** Longer texts are no answer to anything we ask. */
const maxAnswerCharacters = 4_000_000;

/** Gemini through the vendor's SDK. Nothing is asked before the first question; importing it opens nothing. */
export function createGemini({ apiKey, baseUrl, model, imageModel }: GeminiSettings): Provider {
  const sdk = new GoogleGenerativeAI(apiKey);

  async function generate(params: ModelParams, parts: readonly Part[], signal: AbortSignal): Promise<EnhancedGenerateContentResponse> {
    signal.throwIfAborted(); // the SDK would send the request all the same
    // The SDK never takes its listener off: a job's signal would gather one for every question.
    const own = new AbortController();
    const pass = () => own.abort(signal.reason);
    signal.addEventListener('abort', pass, { once: true });
    try {
      const { response } = await sdk
        .getGenerativeModel(params, { baseUrl })
        .generateContent({ contents: [{ role: 'user', parts: parts.map(toGeminiPart) }] }, { signal: own.signal });
      return response;
    } catch (error) {
      signal.throwIfAborted();
      throw toProviderError(error);
    } finally {
      signal.removeEventListener('abort', pass);
    }
  }

  return {
    models: { text: model, image: imageModel },

    async ask(question, signal) {
      const { system, parts, schema, maxTokensOut } = question;
      const config = {
        responseMimeType: 'application/json',
        responseJsonSchema: toAnswerSchema(schema),
        maxOutputTokens: maxTokensOut,
        ...thinkingOf(model),
      };
      const response = await generate({ model, systemInstruction: system, generationConfig: config as GenerationConfig }, parts, signal);
      const usage = usageOf(response);
      const parsed = schema.safeParse(parseJson(textOf(response, usage), usage));
      if (!parsed.success) throw unusable(`not the shape that was asked for: ${firstIssue(parsed.error.issues)}`, usage);
      return { value: parsed.data, usage };
    },

    async draw({ system, parts, aspect, count }, signal) {
      const config = { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { aspectRatio: aspect } };
      const params = { model: imageModel, systemInstruction: system, generationConfig: config as GenerationConfig };
      const response = await generate(params, parts, signal);
      const found = partsOf(response, usageOf(response)).flatMap(({ inlineData }) => (inlineData ? [inlineData.data] : []));
      const usage = { ...usageOf(response), images: found.length };
      const pictures = found
        .slice(0, count)
        .map((data) => readPicture(Buffer.from(data, 'base64'), aspect))
        .filter((picture) => picture !== null);
      if (pictures.length === 0) throw unusable(`none of ${found.length} pictures is one of ${aspect}`, usage);
      return { value: pictures, usage };
    },
  };
}

/** Little thought suffices for what we ask, and every thought is paid. Older models refuse the setting. */
const thinkingOf = (model: string) => (/^gemini-3/.test(model) ? { thinkingConfig: { thinkingLevel: 'LOW' } } : {});

function toGeminiPart(part: Part): GeminiPart {
  if (part.kind === 'text') return { text: part.text };
  return { inlineData: { mimeType: part.contentType, data: Buffer.from(part.bytes).toString('base64') } };
}

/** Without their thoughts, which the SDK's own `text()` would mix in. */
function partsOf(response: EnhancedGenerateContentResponse, usage: AiUsage): GeminiPart[] {
  const candidate = response.candidates?.[0];
  if (!candidate) {
    const blocked = response.promptFeedback?.blockReason;
    if (blocked) throw new ProviderError(`the prompt was blocked: ${blocked}`, { fault: { kind: 'refused' }, usage });
    throw unusable('no candidate', usage);
  }
  const reason: string = candidate.finishReason ?? 'STOP';
  if (reason === 'MAX_TOKENS') throw unusable('the answer was cut off', usage);
  if (reason !== 'STOP') throw new ProviderError(`the answer was blocked: ${reason}`, { fault: { kind: 'refused' }, usage });
  return (candidate.content?.parts ?? []).filter((part) => !(part as { thought?: boolean }).thought);
}

function textOf(response: EnhancedGenerateContentResponse, usage: AiUsage): string {
  const text = partsOf(response, usage)
    .map((part) => part.text ?? '')
    .join('');
  if (text.length > maxAnswerCharacters) throw unusable(`${text.length} characters`, usage);
  return text;
}

function parseJson(text: string, usage: AiUsage): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unusable('not JSON', usage);
  }
}

interface UsageMetadata {
  promptTokenCount?: number;
  candidatesTokenCount?: number;
  /** Billed as output; the SDK does not know it. */
  thoughtsTokenCount?: number;
  promptTokensDetails?: { modality?: string; tokenCount?: number }[];
}

function usageOf({ usageMetadata }: EnhancedGenerateContentResponse): AiUsage {
  const {
    promptTokenCount = 0,
    candidatesTokenCount = 0,
    thoughtsTokenCount = 0,
    promptTokensDetails = [],
  } = (usageMetadata ?? {}) as UsageMetadata;
  const audioTokensIn = promptTokensDetails.find(({ modality }) => modality === 'AUDIO')?.tokenCount ?? 0;
  return { tokensIn: promptTokenCount, tokensOut: candidatesTokenCount + thoughtsTokenCount, images: 0, audioTokensIn };
}

const unusable = (what: string, usage: AiUsage) => new ProviderError(what, { fault: { kind: 'unusable' }, usage });

function firstIssue([issue]: { path: PropertyKey[]; message: string }[]): string {
  return `${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.trim();
}

const nothingUsed: AiUsage = { tokensIn: 0, tokensOut: 0, images: 0 };

/** A refused call is not billed; of one that broke off nobody knows. No answer holds a key: the SDK sends it as a header. */
function toProviderError(error: unknown): ProviderError {
  if (error instanceof GoogleGenerativeAIFetchError) {
    const { status = 0, message, errorDetails = [] } = error;
    const fault = classifyRefusal({ status, message, details: errorDetails as Record<string, unknown>[] });
    return new ProviderError(`HTTP ${status}: ${message.slice(0, 500)}`, { fault, usage: nothingUsed, cause: error });
  }
  return new ProviderError((error as Error).message.slice(0, 500), { fault: { kind: 'unavailable' }, cause: error });
}
