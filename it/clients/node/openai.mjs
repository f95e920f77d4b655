// OpenAI's SDK, told nothing but a base URL and never allowed to retry.
import OpenAI from 'openai';
import { city, gateway, serve, user } from './operations.mjs';

const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: 'any', maxRetries: 0, timeout: 45_000 });
const { completions } = client.chat;
const weather = { name: 'weather', description: 'The weather of a city', parameters: city };

function whole(completion, seen) {
  const [{ message, finish_reason }] = completion.choices;
  Object.assign(seen, {
    text: message.content,
    finish: finish_reason,
    input: completion.usage?.prompt_tokens,
    output: completion.usage?.completion_tokens,
  });
  return message;
}

await serve({
  async answer({ model, prompt }, seen) {
    whole(await completions.create({ model, messages: [user(prompt)] }), seen);
  },

  async stream({ model, prompt }, seen) {
    seen.text = '';
    const chunks = await completions.create({
      model,
      messages: [user(prompt)],
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of chunks) {
      if (chunk.usage) {
        Object.assign(seen, { input: chunk.usage.prompt_tokens, output: chunk.usage.completion_tokens });
      }
      for (const choice of chunk.choices) {
        seen.text += choice.delta.content ?? '';
        seen.finish = choice.finish_reason ?? seen.finish;
      }
    }
  },

  async tools({ model, prompt, result }, seen) {
    const tools = [{ type: 'function', function: weather }];
    const messages = [user(prompt)];
    const called = whole(await completions.create({ model, messages, tools }), seen);
    const [call] = called.tool_calls;
    Object.assign(seen, { tool: call.function.name, arguments: JSON.parse(call.function.arguments) });
    messages.push(called, { role: 'tool', tool_call_id: call.id, content: result });
    whole(await completions.create({ model, messages, tools }), seen);
  },

  async runner({ model, prompt, result }, seen) {
    const run = (arguments_) => {
      Object.assign(seen, { tool: 'weather', arguments: arguments_ });
      return result;
    };
    const tools = [{ type: 'function', function: { ...weather, parse: JSON.parse, function: run } }];
    const runTools = (completions.runTools ?? client.beta.chat.completions.runTools).bind(
      completions.runTools ? completions : client.beta.chat.completions,
    );
    seen.text = await runTools({ model, messages: [user(prompt)], tools }).finalContent();
  },

  async schema({ model, prompt }, seen) {
    const completion = await completions.create({
      model,
      messages: [user(prompt)],
      response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: city } },
    });
    seen.object = JSON.parse(completion.choices[0].message.content);
  },

  async json({ model }, seen) {
    const messages = [user('Answer with a JSON object.')];
    const completion = await completions.create({ model, messages, response_format: { type: 'json_object' } });
    seen.object = JSON.parse(completion.choices[0].message.content);
  },

  async models(_, seen) {
    seen.ids = [];
    for await (const model of client.models.list()) {
      seen.ids.push(model.id);
    }
  },

  async embeddings({ model }, seen) {
    const made = await client.embeddings.create({ model, input: ['one camel', 'two camels'] });
    seen.sizes = made.data.map((each) => each.embedding.length);
  },
});
