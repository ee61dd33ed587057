"""Runs mlx_lm.server as a child of the hub.

The server is mlx-lm's own, with its routes and its wire. What it does not tell or would do wrongly is added
by subclasses: token numbers, log probabilities and counts in its stream, prompts of token numbers, control
tokens in text that stay text, the limit of the context, the text of the tokens byte for byte, and a key.

Messages to the hub are lines of JSON on file descriptor 3: `ready` with the port, then `loaded` or
`load_failed`. The hub holds the other end of standard input: when that closes, this process ends.
"""

import functools
import json
import os
import signal
import sys
import threading

MODEL_CONTEXT = "HEARTH_MLX_CONTEXT"
KEY = "HEARTH_MLX_KEY"

channel = os.fdopen(3, "w", encoding="utf-8")
# HTTP threads and the generating thread both use the one tokenizer, whose settings are its state.
tokenizing = threading.RLock()


telling = threading.Lock()


def tell(message):
    with telling:
        channel.write(json.dumps(message) + "\n")
        channel.flush()


def end_with_hub():
    """Reads until the hub is gone, then ends this process and what it started."""
    while sys.stdin.buffer.read(4096):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(0)


class Refused(ValueError):
    """A request that cannot be done as asked. The server answers with the text of an error: it carries the facts."""

    def __init__(self, message, code="invalid_request", **details):
        super().__init__("hearth:" + json.dumps({"code": code, "message": message, "details": details}))


def extend(server):
    """The classes of mlx_lm.server that run here, as (ModelProvider, ResponseGenerator, Handler, HttpServer)."""
    from control_tokens import ControlTokens
    from token_text import TokenText

    context_size = int(os.environ[MODEL_CONTEXT])
    key = os.environ.pop(KEY)

    class ModelProvider(server.ModelProvider):
        token_text = None
        control = None
        vocabulary = 0

        def load_default(self):
            try:
                super().load_default()
            except Exception as error:
                tell({"type": "load_failed", "message": words(error.__cause__ or error)})
                raise
            tell(
                {
                    "type": "loaded",
                    "vocabulary": self.vocabulary,
                    "chat_template": bool(self.tokenizer.has_chat_template),
                    "tools": bool(self.tokenizer.has_tool_calling),
                }
            )

        def _load(self, *args, **kwargs):
            try:
                super()._load(*args, **kwargs)
            except Exception as error:
                raise Refused(words(error), code="model_load_failed") from error
            self.token_text = TokenText(self.tokenizer)
            self.control = ControlTokens(self.tokenizer)
            self.vocabulary = vocabulary_of(self.model, self.tokenizer)

    class ResponseGenerator(server.ResponseGenerator):
        def _run_generate(self):
            super()._run_generate()
            # Without its thread the server would refuse for ever: the hub starts it afresh.
            if not self._stop:
                sys.stderr.flush()
                os._exit(1)

        def _tokenize(self, tokenizer, request, args):
            with tokenizing:
                result = self._guarded(tokenizer, request, args)
            prompt = result[0]
            check_prompt(prompt, self.model_provider.vocabulary)
            if len(prompt) >= context_size:
                raise Refused(
                    f"The prompt has {len(prompt)} tokens; the model's context holds {context_size}, and the answer "
                    "needs at least one. Shorten the prompt.",
                    prompt_tokens=len(prompt),
                    context_size=context_size,
                )
            self._check_sampling(args)
            args.max_tokens = min(args.max_tokens, context_size - len(prompt))
            return result

        def _check_sampling(self, args):
            vocabulary = self.model_provider.vocabulary
            # mlx-lm's sampler raises on these in its one thread, which ends the server.
            if args.sampling.top_k >= vocabulary:
                args.sampling.top_k = 0
            for token in args.logits.logit_bias or {}:
                if not 0 <= token < vocabulary:
                    raise Refused(
                        f"logit_bias names the token {token}; the model has {vocabulary}.",
                        field="logit_bias",
                    )

        def _guarded(self, tokenizer, request, args):
            control = self.model_provider.control
            if request.request_type == "text":
                tokens = request.prompt
                if isinstance(tokens, str):
                    tokens = control.encode_text(tokens)
                plain = super()._tokenize(tokenizer, with_changes(request, prompt="x"), args)
                return (tokens, [list(tokens)], *plain[2:])
            hidden = control.hide(request.messages, request.tools)
            if hidden is None:
                return super()._tokenize(tokenizer, request, args)
            messages, tools = hidden.inputs
            kwargs = dict(self.model_provider.cli_args.chat_template_args)
            kwargs.update(args.chat_template_kwargs or {})
            plain = super()._tokenize(tokenizer, with_changes(request, messages=messages, tools=tools), args)
            # The messages are as the server has prepared them for the template.
            rendered = tokenizer.apply_chat_template(
                messages, tools=tools, tokenize=False, add_generation_prompt=True, **kwargs
            )
            tokens = control.encode_rendered(rendered, hidden)
            return (tokens, [list(tokens)], ["assistant"], *plain[3:])

        def tokens_of(self, request, args):
            with tokenizing:
                return self._guarded(self.model_provider.tokenizer, request, args)[0]

    class Recorder:
        """A response generator that keeps what it gave for one request."""

        def __init__(self, generator):
            self._generator = generator
            self.context = None
            self.responses = []

        def __getattr__(self, name):
            return getattr(self._generator, name)

        def generate(self, *args, **kwargs):
            self.context, responses = self._generator.generate(*args, **kwargs)
            return self.context, self._each(responses)

        def _each(self, responses):
            for response in responses:
                self.responses.append(response)
                yield response

        def take(self, top):
            taken, self.responses = self.responses, []
            told = {
                "prompt_tokens": len(self.context.prompt),
                "cached_tokens": max(0, self.context.prompt_cache_count),
                "ids": [response.token for response in taken],
            }
            if top is not None:
                text = self._generator.model_provider.token_text
                told["logprobs"] = [
                    {
                        **text.shown(response.token, response.logprob),
                        "top": [
                            text.shown(each["id"], each["logprob"])
                            for each in sorted(response.top_tokens, key=lambda each: -each["logprob"])
                        ],
                    }
                    for response in taken
                ]
            return told

    class Handler(server.APIHandler):
        def __init__(self, response_generator, *args, **kwargs):
            super().__init__(Recorder(response_generator), *args, **kwargs)

        def log_message(self, *args):
            pass

        def _allowed(self):
            if self.headers.get("Authorization") == f"Bearer {key}":
                return True
            self.send_response(401)
            self.end_headers()
            return False

        def do_GET(self):
            if self._allowed():
                super().do_GET()

        def do_OPTIONS(self):
            self._allowed()

        def do_POST(self):
            if not self._allowed():
                return
            if self.path == "/hearth/tokenize":
                self._answer_tokens()
            else:
                super().do_POST()

        def generate_response(self, *args, **kwargs):
            response = super().generate_response(*args, **kwargs)
            if self.stream:
                top = max(0, self.top_logprobs) if self.logprobs else None
                response["hearth"] = self.response_generator.take(top)
            return response

        def _answer_tokens(self):
            try:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                request = server.CompletionRequest(
                    "text" if "prompt" in body else "chat",
                    body.get("prompt", ""),
                    body.get("messages", []),
                    body.get("tools") or None,
                    None,
                )
                args = TemplateArguments(body.get("chat_template_kwargs"))
                status, answer = 200, {"tokens": self.response_generator.tokens_of(request, args)}
            except Exception as error:
                status, answer = 400, {"error": str(error)}
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    class HttpServer(server.ThreadingHTTPServer):
        request_queue_size = 128

        def server_activate(self):
            super().server_activate()
            tell({"type": "ready", "port": self.server_address[1]})

        def handle_error(self, request, client_address):
            # A client that went away is no error of the server.
            if not isinstance(sys.exc_info()[1], (BrokenPipeError, ConnectionResetError)):
                super().handle_error(request, client_address)

    return ModelProvider, ResponseGenerator, Handler, HttpServer


def words(error):
    return f"{type(error).__name__}: {error}"


class TemplateArguments:
    def __init__(self, chat_template_kwargs):
        self.chat_template_kwargs = chat_template_kwargs


def with_changes(request, **changes):
    return type(request)(**{**request.__dict__, **changes})


def check_prompt(prompt, vocabulary):
    if not prompt:
        raise Refused("The prompt is empty; write something to answer to.", field="prompt")
    for token in prompt:
        if not isinstance(token, int) or not 0 <= token < vocabulary:
            raise Refused(f"The prompt has the token {token}; the model has {vocabulary}.", field="prompt")


def vocabulary_of(model, tokenizer):
    args = getattr(model, "args", None)
    size = getattr(args, "vocab_size", None)
    if size is None:
        size = (getattr(args, "text_config", None) or {}).get("vocab_size")
    return size or len(tokenizer)


def main():
    threading.Thread(target=end_with_hub, daemon=True).start()
    # Isolated Python looks for modules in its own folders only.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path += [here, os.path.normpath(os.path.join(here, "../../../../model-files/mlx"))]
    from mlx_lm import server
    from token_text import use_token_text

    use_token_text()
    provider, generator, handler, http_server = extend(server)
    server.ModelProvider = provider
    server.ResponseGenerator = generator
    server._run_http_server = functools.partial(
        server._run_http_server, server_class=http_server, handler_class=handler
    )
    # Under load, wired memory has brought Macs down (mlx-lm #883, #1666).
    server.maybe_set_recommended_wired_limit = lambda: None
    server.main()


if __name__ == "__main__":
    main()
