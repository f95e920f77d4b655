// OpenAI's own SDK, told nothing but another base URL and never allowed to retry.
import OpenAI from 'openai';
import { gateway, question, result, schema, take } from './steps.mjs';

const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: 'sk-not-looked-at', maxRetries: 0, timeout: 20_000 });
const tools = [{ type: 'function', function: { name: 'weather', description: 'The weather of a city', parameters: schema } }];

function whole(completion, seen) {
  const [{ message, finish_reason }] = completion.choices;
  seen.words = message.content;
  seen.finish = finish_reason;
  seen.usage = completion.usage;
  return message;
}

function called(message, seen) {
  const [call] = message.tool_calls;
  seen.tool = call.function.name;
  seen.arguments = JSON.parse(call.function.arguments);
  seen.calls = message.tool_calls.length;
  return { role: 'tool', tool_call_id: call.id, content: result };
}

function stream(body, seen) {
  Object.assign(seen, { heard: '', finishes: 0 });
  return client.chat.completions
    .stream({ ...body, stream_options: { include_usage: true } })
    .on('content', (words) => (seen.heard += words))
    .on('chunk', (chunk) => (seen.finishes += chunk.choices.filter((choice) => choice.finish_reason).length))
    .finalChatCompletion();
}

await take({
  async answer(model, seen) {
    const { data, response } = await client.chat.completions.create({ model, messages: [question] }).withResponse();
    seen.target = response.headers.get('x-bactrian-target');
    whole(data, seen);
  },

  async stream(model, seen) {
    whole(await stream({ model, messages: [question] }, seen), seen);
  },

  async call(model, seen) {
    const message = whole(await client.chat.completions.create({ model, messages: [question], tools }), seen);
    const messages = [question, message, called(message, seen)];
    seen.after = {};
    whole(await client.chat.completions.create({ model, messages, tools }), seen.after);
  },

  async streamedCall(model, seen) {
    const message = whole(await stream({ model, messages: [question], tools }, seen), seen);
    const messages = [question, message, called(message, seen)];
    seen.after = {};
    whole(await stream({ model, messages, tools }, seen.after), seen.after);
  },
});
