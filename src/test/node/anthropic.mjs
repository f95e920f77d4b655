// Anthropic's own SDK, told nothing but another base URL and never allowed to retry.
import Anthropic from '@anthropic-ai/sdk';
import { gateway, question, result, schema, take } from './steps.mjs';

const client = new Anthropic({ baseURL: gateway, apiKey: 'sk-ant-not-looked-at', maxRetries: 0, timeout: 20_000 });
const tools = [{ name: 'weather', description: 'The weather of a city', input_schema: schema }];
const max_tokens = 1000;

function whole(message, seen) {
  seen.words = message.content.filter((block) => block.type === 'text').map((block) => block.text).join('');
  seen.finish = message.stop_reason;
  seen.usage = message.usage;
  return { role: message.role, content: message.content };
}

function called(message, seen) {
  const calls = message.content.filter((block) => block.type === 'tool_use');
  seen.tool = calls[0].name;
  seen.arguments = calls[0].input;
  seen.calls = calls.length;
  return { role: 'user', content: [{ type: 'tool_result', tool_use_id: calls[0].id, content: result }] };
}

function stream(body, seen) {
  Object.assign(seen, { heard: '', finishes: 0 });
  return client.messages
    .stream({ ...body, max_tokens })
    .on('text', (words) => (seen.heard += words))
    .on('streamEvent', (event) => (seen.finishes += event.type === 'message_stop' ? 1 : 0))
    .finalMessage();
}

await take({
  async answer(model, seen) {
    const { data, response } = await client.messages.create({ model, max_tokens, messages: [question] }).withResponse();
    seen.target = response.headers.get('x-bactrian-target');
    whole(data, seen);
  },

  async stream(model, seen) {
    whole(await stream({ model, messages: [question] }, seen), seen);
  },

  async call(model, seen) {
    const message = whole(await client.messages.create({ model, max_tokens, messages: [question], tools }), seen);
    const messages = [question, message, called(message, seen)];
    seen.after = {};
    whole(await client.messages.create({ model, max_tokens, messages, tools }), seen.after);
  },

  async streamedCall(model, seen) {
    const message = whole(await stream({ model, messages: [question], tools }, seen), seen);
    const messages = [question, message, called(message, seen)];
    seen.after = {};
    whole(await stream({ model, messages, tools }, seen.after), seen.after);
  },
});
