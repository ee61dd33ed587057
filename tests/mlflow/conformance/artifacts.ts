import { differing, get, post, send, type Difference, type Step } from "./step.ts";

const files = "/api/2.0/mlflow-artifacts/artifacts";
const octets = { headers: { "content-type": "application/octet-stream" } };

/** Ways to leave the folder that is served. */
const traversals: Record<string, string> = {
  dots: "../../../etc/passwd",
  "encoded dots": "%2e%2e/%2e%2e/etc/passwd",
  "encoded slashes": "..%2f..%2f..%2fetc%2fpasswd",
  "doubly encoded dots": "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
  "dots further down": "a/b/../../../../etc/passwd",
  "encoded dots further down": "a/%2e%2e/%2e%2e/etc/passwd",
  "a root": "%2fetc%2fpasswd",
  backslashes: "..%5c..%5cetc%5cpasswd",
  "a file address": "file:%2f%2f%2fetc%2fpasswd",
  "a NUL": "a%00b",
};

const steps: readonly Step[] = [
  post(
    "an experiment for files",
    "experiments/create",
    { name: "for files" },
    { keep: { place: "experiment_id" } },
  ),
  post(
    "a run with files",
    "runs/create",
    { experiment_id: "<place>", run_name: "files", start_time: 1 },
    { keep: { keeper: "run.info.run_id" } },
  ),
  send("PUT", "a file", `${files}/<place>/<keeper>/artifacts/a/b.txt`, "hello", octets),
  send("PUT", "a second file", `${files}/<place>/<keeper>/artifacts/top.txt`, "top", octets),
  send("PUT", "a file over another", `${files}/<place>/<keeper>/artifacts/top.txt`, "longer", octets),
  send(
    "PUT",
    "a file with an odd name",
    `${files}/<place>/<keeper>/artifacts/sp%20ce%20%C3%BC%23%25.txt`,
    "odd",
    octets,
  ),
  get("a file read", `${files}/<place>/<keeper>/artifacts/a/b.txt`),
  get("the file read that went over", `${files}/<place>/<keeper>/artifacts/top.txt`),
  get("a file that is not there", `${files}/<place>/<keeper>/artifacts/none.txt`),
  get("a folder read", `${files}/<place>/<keeper>/artifacts/a`),
  get("files listed", "artifacts/list?run_id=<keeper>"),
  get("a folder listed", "artifacts/list?run_id=<keeper>&path=a"),
  get("a file listed", "artifacts/list?run_id=<keeper>&path=top.txt"),
  get("an absent folder listed", "artifacts/list?run_id=<keeper>&path=none"),
  get("an unknown run listed", `artifacts/list?run_id=${"f".repeat(32)}`),
  get("no run listed", "artifacts/list"),
  get("a climb listed", "artifacts/list?run_id=<keeper>&path=../.."),
  get("an encoded climb listed", "artifacts/list?run_id=<keeper>&path=%2e%2e%2f%2e%2e"),
  get("a root listed", "artifacts/list?run_id=<keeper>&path=%2fetc"),
  get("a doubly encoded climb listed", "artifacts/list?run_id=<keeper>&path=%252e%252e%252f"),
  get("a file address listed", "artifacts/list?run_id=<keeper>&path=file%3A%2F%2F%2Fetc"),
  get("files listed by place", `${files}?path=<place>/<keeper>/artifacts`),
  get("a climb listed by place", `${files}?path=../..`),
  get("an encoded climb listed by place", `${files}?path=%2e%2e%2f%2e%2e`),
  get("a root listed by place", `${files}?path=/etc`),
  ...Object.entries(traversals).flatMap(([name, path]): Step[] => [
    get(`reading by ${name}`, `${files}/${path}`),
    send("PUT", `writing by ${name}`, `${files}/${path}`, "hostile", octets),
    send("DELETE", `deleting by ${name}`, `${files}/${path}`, undefined),
  ]),
  post("several parts", "/api/2.0/mlflow-artifacts/mpu/create/<place>/<keeper>/artifacts", {
    path: "big.bin",
    num_parts: 2,
  }),
  send("DELETE", "a file deleted", `${files}/<place>/<keeper>/artifacts/top.txt`, undefined),
  get("the deleted file", `${files}/<place>/<keeper>/artifacts/top.txt`),
  send("DELETE", "a file deleted again", `${files}/<place>/<keeper>/artifacts/top.txt`, undefined),
  get("files listed after that", "artifacts/list?run_id=<keeper>"),
];

const refused = { status: 400, error_code: "INVALID_PARAMETER_VALUE" } as const;

/** Files of runs, through the server. */
export const artifacts = differing(steps, {
  "a folder read": { ...refused, reason: "the error has MLflow's form, as everywhere else" },
  "deleting by a root": { ...refused, reason: "refused at once, without a redirection first" },
  ...Object.fromEntries(
    ["backslashes", "a NUL"].flatMap((how) =>
      ["reading", "writing", "deleting"].map((what): [string, Difference] => [
        `${what} by ${how}`,
        { ...refused, reason: "such names climb on other systems, or end early in other programs" },
      ]),
    ),
  ),
});
