// The AI SDK with one of its providers, told nothing but a base URL and never allowed to retry.
import { embedMany, generateObject, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { gateway, serve } from './operations.mjs';

const settings = { baseURL: `${gateway}/v1`, apiKey: 'any' };
const compatible = process.argv[3] === 'openai-compatible';
const provider = compatible
  ? (await import('@ai-sdk/openai-compatible')).createOpenAICompatible({
      ...settings,
      name: 'bactrian',
      includeUsage: true,
      supportsStructuredOutputs: true,
    })
  : (await import('@ai-sdk/anthropic')).createAnthropic(settings);

const common = { maxRetries: 0 };
const city = z.object({ city: z.string(), days: z.number().int() });

function whole(text, finish, usage, seen) {
  Object.assign(seen, { text, finish, input: usage.inputTokens, output: usage.outputTokens });
}

const operations = {
  async answer({ model, prompt }, seen) {
    const { text, finishReason, usage } = await generateText({ ...common, model: provider(model), prompt });
    whole(text, finishReason, usage, seen);
  },

  async stream({ model, prompt }, seen) {
    seen.text = '';
    let failure;
    const heard = streamText({ ...common, model: provider(model), prompt, onError: ({ error }) => (failure = error) });
    for await (const part of heard.fullStream) {
      if (part.type === 'text-delta') {
        seen.text += part.text;
      } else if (part.type === 'error') {
        throw part.error;
      }
    }
    if (failure) {
      throw failure;
    }
    whole(seen.text, await heard.finishReason, await heard.usage, seen);
  },

  async tools({ model, prompt, result }, seen) {
    const weather = tool({
      description: 'The weather of a city',
      inputSchema: city,
      execute: async (input) => {
        Object.assign(seen, { tool: 'weather', arguments: input });
        return result;
      },
    });
    const { text } = await generateText({
      ...common,
      model: provider(model),
      prompt,
      tools: { weather },
      stopWhen: stepCountIs(3),
    });
    seen.text = text;
  },

  async schema({ model, prompt }, seen) {
    seen.object = (await generateText({ ...common, model: provider(model), prompt, output: Output.object({ schema: city }) })).output;
  },

  async json({ model }, seen) {
    const prompt = 'Answer with a JSON object.';
    seen.object = (await generateObject({ ...common, model: provider(model), prompt, output: 'no-schema' })).object;
  },

  async embeddings({ model }, seen) {
    const { embeddings } = await embedMany({
      ...common,
      model: (provider.embeddingModel ?? provider.textEmbeddingModel)(model),
      values: ['one camel', 'two camels'],
    });
    seen.sizes = embeddings.map((each) => each.length);
  },
};

if (!compatible) {
  delete operations.embeddings;
}
await serve(operations);
