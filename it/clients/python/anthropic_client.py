"""Anthropic's SDK, told nothing but a base URL and never allowed to retry."""
import anthropic
from operations import CITY, GATEWAY, serve, user
from pydantic import BaseModel

client = anthropic.Anthropic(base_url=GATEWAY, api_key="any", max_retries=0, timeout=45)
TOOLS = [{"name": "weather", "description": "The weather of a city", "input_schema": CITY}]
LIMIT = 1000


class City(BaseModel):
    city: str
    days: int


def whole(message, seen):
    seen["text"] = "".join(block.text for block in message.content if block.type == "text")
    seen["finish"] = message.stop_reason
    seen["input"], seen["output"] = message.usage.input_tokens, message.usage.output_tokens
    return message


def answer(asked, seen):
    whole(client.messages.create(model=asked["model"], max_tokens=LIMIT, messages=[user(asked["prompt"])]), seen)


def stream(asked, seen):
    seen["text"] = ""
    with client.messages.stream(model=asked["model"], max_tokens=LIMIT, messages=[user(asked["prompt"])]) as heard:
        for text in heard.text_stream:
            seen["text"] += text
        said = seen["text"]
        whole(heard.get_final_message(), seen)
        if said != seen["text"]:
            raise ValueError("the final message differs from the words of the stream")


def tools(asked, seen):
    messages = [user(asked["prompt"])]
    called = whole(client.messages.create(model=asked["model"], max_tokens=LIMIT, messages=messages, tools=TOOLS), seen)
    call = next(block for block in called.content if block.type == "tool_use")
    seen["tool"], seen["arguments"] = call.name, call.input
    result = {"type": "tool_result", "tool_use_id": call.id, "content": asked["result"]}
    messages += [{"role": "assistant", "content": called.content}, {"role": "user", "content": [result]}]
    whole(client.messages.create(model=asked["model"], max_tokens=LIMIT, messages=messages, tools=TOOLS), seen)


def schema(asked, seen):
    message = client.messages.parse(
        model=asked["model"], max_tokens=LIMIT, messages=[user(asked["prompt"])], output_format=City)
    seen["object"] = message.parsed_output.model_dump()


def runner(asked, seen):
    @anthropic.beta_tool
    def weather(city: str, days: int) -> str:
        """The weather of a city.

        Args:
            city: its name
            days: how many
        """
        seen["tool"], seen["arguments"] = "weather", {"city": city, "days": days}
        return asked["result"]

    whole(client.beta.messages.tool_runner(
        model=asked["model"], max_tokens=LIMIT, messages=[user(asked["prompt"])], tools=[weather]).until_done(), seen)


def models(asked, seen):
    listed = list(client.models.list(limit=2))
    seen["ids"] = [model.id for model in listed]
    unnamed = [model.id for model in listed if not model.display_name or not model.created_at]
    if unnamed:
        raise ValueError(f"no display_name or created_at: {unnamed}")


def count(asked, seen):
    seen["tokens"] = client.messages.count_tokens(model=asked["model"], messages=[user(asked["prompt"])]).input_tokens


OPERATIONS = {"answer": answer, "stream": stream, "tools": tools, "models": models, "count": count}
if hasattr(client.messages, "parse"):
    OPERATIONS["schema"] = schema
if hasattr(client.beta.messages, "tool_runner"):
    OPERATIONS["runner"] = runner
serve(OPERATIONS)
