import type { Entity, Field } from "../entity.ts";
import {
  assessed,
  exact,
  integer,
  keyedOrMissing,
  onlySorted,
  searched,
  text,
  withRegularExpressions,
} from "../fields.ts";

const attribute = withRegularExpressions(text);
const span: Field = { ...attribute, sortable: false };
const keyed = withRegularExpressions(keyedOrMissing);
const instant: Field = { ...integer, quotedNumbers: true };

/**
 * `trace.text` is the full text of the spans. `prompt` is `name/version`. Conditions on spans are all about
 * the same span of a trace.
 */
export const traces: Entity = {
  noun: "traces",
  kinds: {
    attribute: {
      prefixes: ["attribute", "attributes", "trace"],
      named: {
        request_id: attribute,
        client_request_id: { ...attribute, sortable: false },
        status: attribute,
        name: attribute,
        run_id: attribute,
        timestamp_ms: instant,
        execution_time_ms: instant,
        end_time_ms: instant,
        prompt: exact,
        text: searched,
        experiment_id: onlySorted("text"),
      },
      synonyms: {
        timestamp: "timestamp_ms",
        execution_time: "execution_time_ms",
        end_time: "end_time_ms",
      },
    },
    tag: { prefixes: ["tag", "tags"], any: keyed },
    metadata: { prefixes: ["request_metadata", "metadata"], any: keyed },
    span: {
      prefixes: ["span"],
      named: { name: span, type: span, status: span, content: searched },
      beginnings: { "attributes.": span },
    },
    feedback: { prefixes: ["feedback"], any: assessed },
    expectation: { prefixes: ["expectation"], any: assessed },
    issue: { prefixes: ["issue"], named: { id: exact } },
  },
};
