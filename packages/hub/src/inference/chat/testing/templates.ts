import { chatmlTemplate } from "../../../model-files/chat-template.ts";

/** Small templates of our own that have what tells the families apart, and refuse what theirs refuse. */
export const templates = {
  chatml: chatmlTemplate,

  hermes: `{%- if tools %}{{- '<|im_start|>system\\n' }}
{%- if messages[0].role == 'system' %}{{- messages[0].content + '\\n\\n' }}{% endif %}
{{- 'Functions:' }}
{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{% endfor %}
{{- '\\nCall with <tool_call>\\n{"name": <name>, "arguments": <object>}\\n</tool_call><|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == 'tool' %}{{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
{%- elif message.role != 'system' or not tools %}
{{- '<|im_start|>' + message.role + '\\n' + message.content }}
{%- for call in message.tool_calls or [] %}
{{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}{{- call.function.arguments | tojson }}{{- '}\\n</tool_call>' }}
{%- endfor %}{{- '<|im_end|>\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and not enable_thinking %}{{- '<think>\\n\\n</think>\\n\\n' }}{% endif %}
{%- endif %}`,

  qwenXml: `{%- for tool in tools or [] %}{{- '<function>' + tool.function.name + ': ' + tool.function.description + '</function>\\n' }}
{%- for key, value in tool.function.parameters.properties.items() %}{{- key + '\\n' }}{% endfor %}{% endfor %}
{%- if tools %}{{- '<tool_call>\\n<function=name>\\n<parameter=key>\\nvalue\\n</parameter>\\n</function>\\n</tool_call>' }}{% endif %}
{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content }}
{%- for call in message.tool_calls or [] %}{{- '<tool_call>\\n<function=' + call.function.name + '>\\n' }}
{%- for key, value in call.function.arguments.items() %}{{- '<parameter=' + key + '>\\n' + (value if value is string else value | tojson) + '\\n</parameter>\\n' }}{% endfor %}
{{- '</function>\\n</tool_call>' }}{% endfor %}
{{- '<|im_end|>\\n' }}{% endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}`,

  llama: `{{- bos_token }}
{%- for message in messages %}
{%- if message.tool_calls is defined %}
{%- if message.tool_calls | length != 1 %}{{- raise_exception('one call in a message') }}{% endif %}
{%- set call = message.tool_calls[0].function %}
{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n{"name": "' + call.name + '", "parameters": ' }}{{- call.arguments | tojson }}{{- '}<|eot_id|>' }}
{%- elif message.role == 'tool' %}{{- '<|start_header_id|>ipython<|end_header_id|>\\n\\n' }}{{- message.content | tojson }}{{- '<|eot_id|>' }}
{%- else %}{{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content + '<|eot_id|>' }}
{%- endif %}
{%- if loop.first and tools %}{% for tool in tools %}{{- tool | tojson }}{% endfor %}{% endif %}
{%- endfor %}
{%- if builtin_tools is defined %}{{- '<|python_tag|>' }}{% endif %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}`,

  mistralList: `{{- bos_token }}
{%- if tools %}{{- '[AVAILABLE_TOOLS] ' }}{{- tools | tojson }}{{- '[/AVAILABLE_TOOLS]' }}{% endif %}
{%- for message in messages %}
{%- if message['role'] == 'user' %}{{- '[INST] ' + message['content'] + '[/INST]' }}
{%- elif message['tool_calls'] %}{{- '[TOOL_CALLS] [' }}
{%- for call in message['tool_calls'] %}
{%- if call.id | length != 9 %}{{- raise_exception('ids have nine characters') }}{% endif %}
{{- '{"name": "' + call.function.name + '", "arguments": ' }}{{- call.function.arguments | tojson }}{{- ', "id": "' + call.id + '"}' }}
{%- if not loop.last %}{{- ', ' }}{% endif %}{% endfor %}{{- ']' + eos_token }}
{%- elif message['role'] == 'tool' %}
{%- if message.tool_call_id | length != 9 %}{{- raise_exception('ids have nine characters') }}{% endif %}
{{- '[TOOL_RESULTS] {"content": ' }}{{- message['content'] | tojson }}{{- ', "call_id": "' + message.tool_call_id + '"}[/TOOL_RESULTS]' }}
{%- else %}{{- message['content'] + eos_token }}{% endif %}
{%- endfor %}`,

  mistralNamed: `{%- if tools %}{{- tools | tojson }}{% endif %}
{%- for message in messages %}{{- message.content }}
{%- for call in message.tool_calls or [] %}{{- '[TOOL_CALLS]' + call.function.name + '[ARGS]' }}{{- call.function.arguments | tojson }}{% endfor %}{% endfor %}`,

  deepseekFenced: `{%- for message in messages %}
{%- for call in message['tool_calls'] or [] %}{{- '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>' + call.type + '<｜tool▁sep｜>' + call.function.name + '\\n\`\`\`json\\n' + call.function.arguments + '\\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>' }}{% endfor %}
{%- if message.content is not none %}{{- '<｜' + message.role + '｜>' + message.content }}{% endif %}{% endfor %}
{%- if add_generation_prompt %}{{- '<｜Assistant｜><think>\\n' }}{% endif %}`,

  deepseek: `{%- for message in messages %}{{- '<｜' + message.role + '｜>' + (message.content or '') }}
{%- for call in message['tool_calls'] or [] %}{{- '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>' + call.function.name + '<｜tool▁sep｜>' }}{{- call.function.arguments | tojson }}{{- '<｜tool▁call▁end｜><｜tool▁calls▁end｜>' }}{% endfor %}{% endfor %}`,

  harmony: `{%- if tools %}{{- '<|start|>developer<|message|>namespace functions {' }}{% for tool in tools %}{{- 'type ' + tool.function.name + ' = ' }}{{- tool.function.parameters | tojson }}{% endfor %}{{- '}<|end|>' }}{% endif %}
{%- for message in messages %}
{%- if message.tool_calls %}
{%- if message.thinking and message.content %}{{- raise_exception('thoughts and text beside a call') }}{% endif %}
{%- if message.thinking %}{{- '<|start|>assistant<|channel|>analysis<|message|>' + message.thinking + '<|end|>' }}{% endif %}
{%- set call = message.tool_calls[0].function %}
{{- '<|start|>assistant to=functions.' + call.name + '<|channel|>commentary json<|message|>' }}{{- call.arguments | tojson }}{{- '<|call|>' }}
{%- elif message.role == 'tool' %}{{- '<|start|>functions.' + message.name + ' to=assistant<|channel|>commentary<|message|>' }}{{- message.content | tojson }}{{- '<|end|>' }}
{%- elif message.role == 'assistant' %}{{- '<|start|>assistant<|channel|>final<|message|>' + message.content + '<|end|>' }}
{%- else %}{{- '<|start|>' + message.role + '<|message|>' + message.content + '<|end|>' }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start|>assistant' }}{% endif %}`,

  /** Like Gemma's: no system message, and the roles in turns. */
  noSystem: `{{- bos_token }}
{%- for message in messages %}
{%- if message.role == 'system' %}{{- raise_exception('there is no system role') }}{% endif %}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{- raise_exception('the roles must take turns') }}{% endif %}
{{- '<start_of_turn>' + ('model' if message.role == 'assistant' else message.role) + '\\n' + message.content + '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<start_of_turn>model\\n' }}{% endif %}`,

  /** Like GLM's: arguments in elements of their own. */
  glm: `{%- for tool in tools or [] %}{{- tool | tojson }}{% endfor %}
{%- for message in messages %}{{- message.content }}{% for call in message.tool_calls or [] %}
{{- '<tool_call>' + call.function.name }}{% for key, value in call.function.arguments.items() %}{{- '<arg_key>' + key + '</arg_key><arg_value>' }}{{- value | tojson }}{{- '</arg_value>' }}{% endfor %}{% endfor %}{% endfor %}`,

  /** Speaks of tools only in a text of its own. */
  onlyWords: `{{- 'You have no "tools" and make no tool_calls: <tool_call> "name" "arguments".' }}
{%- for message in messages %}{{- message.content }}{% endfor %}`,
} as const satisfies Record<string, string>;
