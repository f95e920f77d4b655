"""The clients, each with the versions that are installed."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """One client in one version.

    kind: the language of its program, which says how it is installed
    program: the program's file (Python, Node), Maven module (Java) or command and module file (Go)
    packages: what pip or npm installs; empty for Java and Go, whose build files have the versions
    arguments: given to the program after the gateway's URL
    """

    name: str
    title: str
    version: str
    kind: str
    program: str
    packages: tuple = ()
    arguments: tuple = ()


def python(name, package, version, program, *more):
    return Client(name, f"{package}, Python", version, "python", program, (f"{package}=={version}", *more))


def node(name, package, version, program, *more):
    return Client(name, f"{package}, Node", version, "node", program, (f"{package}@{version}", *more))


def ai_sdk(major, version, provider, provider_version):
    return Client(f"ai-sdk-{major}-{provider}", f"AI SDK, @ai-sdk/{provider}", f"{version}, {provider_version}", "node", "ai-sdk.mjs",
                  (f"ai@{version}", f"@ai-sdk/{provider}@{provider_version}", "zod@4.1.13"), (provider,))


def on_java(name, title, version, module):
    """A framework with its modules for both APIs."""
    return [Client(f"{name}-{api}", title.format(api), version, "java", module, (), (api,)) for api in ("openai", "anthropic")]


CLIENTS = (
    python("openai-python", "openai", "3.57.0", "openai_client.py"),
    python("openai-python-1", "openai", "1.109.1", "openai_client.py"),
    python("anthropic-python", "anthropic", "2.14.0", "anthropic_client.py"),
    python("anthropic-python-0", "anthropic", "0.75.0", "anthropic_client.py"),
    node("openai-node", "openai", "7.57.0", "openai.mjs"),
    node("openai-node-4", "openai", "4.104.0", "openai.mjs"),
    node("anthropic-node", "@anthropic-ai/sdk", "1.14.0", "anthropic.mjs"),
    node("anthropic-node-0", "@anthropic-ai/sdk", "0.71.2", "anthropic.mjs"),
    ai_sdk(7, "7.0.173", "openai-compatible", "3.0.92"),
    ai_sdk(7, "7.0.173", "anthropic", "4.0.105"),
    ai_sdk(6, "6.0.326", "openai-compatible", "2.0.92"),
    ai_sdk(6, "6.0.326", "anthropic", "3.0.140"),
    Client("openai-java", "openai-java", "4.101.0", "java", "openai"),
    Client("anthropic-java", "anthropic-java", "3.14.0", "java", "anthropic"),
    *on_java("langchain4j", "LangChain4j, {}", "1.19.0", "langchain4j"),
    *on_java("spring-ai-2", "Spring AI, {}", "2.0.1", "spring-ai-2"),
    *on_java("spring-ai-1", "Spring AI, {}", "1.1.2", "spring-ai"),
    Client("openai-go", "openai-go", "3.99.0", "go", "openai new"),
    Client("openai-go-3.41", "openai-go", "3.41.0", "go", "openai old"),
    Client("anthropic-go", "anthropic-sdk-go", "1.84.0", "go", "anthropic new"),
    Client("anthropic-go-1.61", "anthropic-sdk-go", "1.61.0", "go", "anthropic old"),
)
