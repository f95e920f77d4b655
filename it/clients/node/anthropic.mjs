// Anthropic's SDK, told nothing but a base URL and never allowed to retry.
import Anthropic from '@anthropic-ai/sdk';
import { city, gateway, serve, user } from './operations.mjs';

const client = new Anthropic({ baseURL: gateway, apiKey: 'any', maxRetries: 0, timeout: 45_000 });
const weather = { name: 'weather', description: 'The weather of a city', input_schema: city };
const max_tokens = 1000;

function whole(message, seen) {
  Object.assign(seen, {
    text: message.content.filter((block) => block.type === 'text').map((block) => block.text).join(''),
    finish: message.stop_reason,
    input: message.usage.input_tokens,
    output: message.usage.output_tokens,
  });
  return message;
}

const operations = {
  async answer({ model, prompt }, seen) {
    whole(await client.messages.create({ model, max_tokens, messages: [user(prompt)] }), seen);
  },

  async stream({ model, prompt }, seen) {
    seen.text = '';
    const heard = client.messages.stream({ model, max_tokens, messages: [user(prompt)] });
    heard.on('text', (text) => (seen.text += text));
    const message = await heard.finalMessage();
    const said = seen.text;
    whole(message, seen);
    if (said !== seen.text) {
      throw new Error('the final message differs from the words of the stream');
    }
  },

  async tools({ model, prompt, result }, seen) {
    const tools = [weather];
    const messages = [user(prompt)];
    const called = whole(await client.messages.create({ model, max_tokens, messages, tools }), seen);
    const call = called.content.find((block) => block.type === 'tool_use');
    Object.assign(seen, { tool: call.name, arguments: call.input });
    messages.push(
      { role: 'assistant', content: called.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: result }] },
    );
    whole(await client.messages.create({ model, max_tokens, messages, tools }), seen);
  },

  async runner({ model, prompt, result }, seen) {
    const run = (input) => {
      Object.assign(seen, { tool: 'weather', arguments: input });
      return result;
    };
    const tools = [{ type: 'custom', ...weather, run, parse: (input) => input }];
    const messages = [user(prompt)];
    whole(await client.beta.messages.toolRunner({ model, max_tokens, messages, tools }).runUntilDone(), seen);
  },

  async schema({ model, prompt }, seen) {
    const message = await client.messages.create({
      model,
      max_tokens,
      messages: [user(prompt)],
      output_config: { format: { type: 'json_schema', schema: city } },
    });
    seen.object = JSON.parse(whole(message, seen).content[0].text);
  },

  async models(_, seen) {
    seen.ids = [];
    for await (const model of client.models.list({ limit: 2 })) {
      if (!model.display_name || !model.created_at) {
        throw new Error(`no display_name or created_at: ${model.id}`);
      }
      seen.ids.push(model.id);
    }
  },

  async count({ model, prompt }, seen) {
    seen.tokens = (await client.messages.countTokens({ model, messages: [user(prompt)] })).input_tokens;
  },
};

if (!client.beta.messages.toolRunner) {
  delete operations.runner;
}
await serve(operations);
