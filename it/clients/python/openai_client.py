"""OpenAI's SDK, told nothing but a base URL and never allowed to retry."""
import json

from openai import OpenAI
from operations import CITY, GATEWAY, serve, user
from pydantic import BaseModel

client = OpenAI(base_url=f"{GATEWAY}/v1", api_key="any", max_retries=0, timeout=45)
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "The weather of a city", "parameters": CITY}}]


class City(BaseModel):
    city: str
    days: int


def whole(completion, seen):
    choice = completion.choices[0]
    seen["text"] = choice.message.content
    seen["finish"] = choice.finish_reason
    seen["input"] = completion.usage and completion.usage.prompt_tokens
    seen["output"] = completion.usage and completion.usage.completion_tokens
    return choice.message


def answer(asked, seen):
    whole(client.chat.completions.create(model=asked["model"], messages=[user(asked["prompt"])]), seen)


def stream(asked, seen):
    seen["text"] = ""
    chunks = client.chat.completions.create(
        model=asked["model"], messages=[user(asked["prompt"])], stream=True, stream_options={"include_usage": True})
    for chunk in chunks:
        if chunk.usage:
            seen["input"], seen["output"] = chunk.usage.prompt_tokens, chunk.usage.completion_tokens
        for choice in chunk.choices:
            seen["text"] += choice.delta.content or ""
            seen["finish"] = choice.finish_reason or seen.get("finish")


def tools(asked, seen):
    messages = [user(asked["prompt"])]
    called = whole(client.chat.completions.create(model=asked["model"], messages=messages, tools=TOOLS), seen)
    call = called.tool_calls[0]
    seen["tool"], seen["arguments"] = call.function.name, json.loads(call.function.arguments)
    messages += [called, {"role": "tool", "tool_call_id": call.id, "content": asked["result"]}]
    whole(client.chat.completions.create(model=asked["model"], messages=messages, tools=TOOLS), seen)


def schema(asked, seen):
    completion = client.chat.completions.parse(model=asked["model"], messages=[user(asked["prompt"])], response_format=City)
    seen["object"] = completion.choices[0].message.parsed.model_dump()


def json_mode(asked, seen):
    completion = client.chat.completions.create(
        model=asked["model"], messages=[user("Answer with a JSON object.")], response_format={"type": "json_object"})
    seen["object"] = json.loads(completion.choices[0].message.content)


def models(asked, seen):
    seen["ids"] = [model.id for model in client.models.list()]


def embeddings(asked, seen):
    made = client.embeddings.create(model=asked["model"], input=["one camel", "two camels"])
    seen["sizes"] = [len(each.embedding) for each in made.data]


serve({"answer": answer, "stream": stream, "tools": tools, "schema": schema, "json": json_mode, "models": models, "embeddings": embeddings})
