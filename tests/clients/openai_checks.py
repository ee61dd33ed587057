"""What applications do with OpenAI's Python client and LangChain, against a hub whose address is the first argument."""

import asyncio
import json
import sys

import openai
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel, Field

base_url = sys.argv[1] + "/v1"
client = OpenAI(base_url=base_url, api_key="unused", max_retries=0)
question = [{"role": "user", "content": "What is the capital of Italy?"}]
answer = "The capital of Italy is Rome."


class Weather(BaseModel):
    city: str = Field(pattern="^(Rome|Paris)$")
    days: int = Field(ge=1, le=5)


tool = openai.pydantic_function_tool(Weather, name="get_weather")
prompt = [{"role": "user", "content": "Weather?"}]


def plain():
    chat = client.chat.completions.create(model="ember", messages=question, temperature=0)
    assert chat.choices[0].message.content == answer, chat
    assert chat.usage.total_tokens == chat.usage.prompt_tokens + chat.usage.completion_tokens
    text = client.completions.create(model="ember", prompt="The cat", max_tokens=4, temperature=0, logprobs=1, echo=True)
    assert text.choices[0].text.startswith("The cat")
    assert len(text.choices[0].logprobs.tokens) == len(text.choices[0].logprobs.text_offset)
    assert "ember" in [model.id for model in client.models.list()]


def streamed():
    stream = client.chat.completions.create(
        model="ember", messages=question, temperature=0, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == answer
    assert chunks[-1].usage.completion_tokens > 4
    with client.chat.completions.stream(model="ember", messages=question, temperature=0, logprobs=True, top_logprobs=2) as events:
        final = events.get_final_completion()
    assert final.choices[0].message.content == answer
    assert len(final.choices[0].logprobs.content) > 4


def tools():
    chat = client.chat.completions.create(
        model="roomy",
        messages=prompt,
        tools=[tool],
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
        parallel_tool_calls=False,
        max_tokens=600,
    )
    message = chat.choices[0].message
    [call] = message.tool_calls
    Weather.model_validate_json(call.function.arguments)
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    after = client.chat.completions.create(model="roomy", messages=[*prompt, message, result], max_tokens=4)
    assert after.choices[0].finish_reason in ("stop", "length")


def schemas():
    parsed = client.chat.completions.parse(model="roomy", messages=prompt, response_format=Weather, max_tokens=600)
    assert 1 <= parsed.choices[0].message.parsed.days <= 5
    response = client.responses.parse(model="roomy", input="Weather?", text_format=Weather, max_output_tokens=600)
    assert response.output_parsed.city in ("Rome", "Paris")


def responses():
    first = client.responses.create(model="ember", input=question, temperature=0)
    assert first.output_text == answer
    next_one = client.responses.create(model="ember", input="And of France?", previous_response_id=first.id, temperature=0)
    assert next_one.usage.input_tokens > first.usage.input_tokens
    assert client.responses.retrieve(first.id).output_text == answer
    assert len(list(client.responses.input_items.list(first.id))) == 1
    with client.responses.stream(model="ember", input=question, temperature=0) as events:
        final = events.get_final_response()
    assert final.output_text == answer
    client.responses.delete(first.id)


def embeddings():
    vectors = client.embeddings.create(model="ember", input=["a cat", "a dog"]).data
    assert [len(vector.embedding) for vector in vectors] == [128, 128]
    assert abs(sum(value * value for value in vectors[0].embedding) - 1) < 1e-4


def errors():
    for call, kind in [
        (lambda: client.chat.completions.create(model="embr", messages=question), openai.NotFoundError),
        (lambda: client.chat.completions.create(model="ember", messages=question, n=99), openai.BadRequestError),
        (lambda: client.chat.completions.create(model="ember", messages=question, extra_body={"x": 1}), openai.BadRequestError),
    ]:
        try:
            call()
        except kind as error:
            assert error.body["message"], error
        else:
            raise AssertionError(f"{kind.__name__} was expected")


async def aborted():
    asynchronous = AsyncOpenAI(base_url=base_url, api_key="unused", max_retries=0)
    stream = await asynchronous.chat.completions.create(model="roomy", messages=prompt, max_tokens=3000, stream=True)
    async for _ in stream:
        break
    await stream.close()


def langchain():
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    model = ChatOpenAI(model="ember", base_url=base_url, api_key="unused", temperature=0, max_retries=0)
    assert model.invoke("What is the capital of Italy?").text == answer
    assert "".join(chunk.text for chunk in model.stream("What is the capital of Italy?")) == answer
    roomy = ChatOpenAI(model="roomy", base_url=base_url, api_key="unused", max_tokens=600, max_retries=0)
    assert 1 <= roomy.with_structured_output(Weather).invoke("Weather?").days <= 5
    called = roomy.bind_tools([Weather], tool_choice="Weather").invoke("Weather?")
    Weather.model_validate(called.tool_calls[0]["args"])
    vectors = OpenAIEmbeddings(
        model="ember", base_url=base_url, api_key="unused", max_retries=0, check_embedding_ctx_length=False
    ).embed_documents(["a cat"])
    assert len(vectors[0]) == 128


checks = {
    check.__name__: check for check in [plain, streamed, tools, schemas, responses, embeddings, errors, langchain]
}
checks["aborted"] = lambda: asyncio.run(aborted())

for name in sys.argv[2:]:
    checks[name]()
    print(json.dumps({"passed": name}))
