import { InvalidTracking } from "./errors.ts";
import { node, type Node } from "./platform/node.ts";

/** A path in Node; elsewhere, or for what is in memory, content and the path it gets. */
export type ArtifactSource =
  | string
  | {
      path: string;
      content: string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob | ReadableStream<Uint8Array>;
    };

export interface NamedContent {
  /** With "/", below the folder it goes to. */
  path: string;
  /** Of a file: read when it is read, not before. */
  content: Blob;
}

/** Opens what is to be stored. A folder gives every file below it; its own name is not part of the paths. */
export async function* openContent(source: ArtifactSource): AsyncGenerator<NamedContent> {
  if (typeof source !== "string") {
    const { path, content } = source;
    if (content instanceof Blob) yield { path, content };
    // A try that fails is made again, so a stream, which can be read once, is kept whole.
    else if (content instanceof ReadableStream) yield { path, content: await new Response(content).blob() };
    else
      yield { path, content: new Blob([content], typeof content === "string" ? { type: "text/plain" } : {}) };
    return;
  }
  const modules = node();
  if (modules === null) {
    throw new InvalidTracking(`A browser cannot read the file "${source}": give { path, content } instead.`);
  }
  const stat = await modules.fs.promises.stat(source);
  if (stat.isDirectory()) yield* openFolder(modules, source, "");
  else yield { path: modules.path.basename(source), content: await modules.fs.openAsBlob(source) };
}

async function* openFolder(modules: Node, root: string, below: string): AsyncGenerator<NamedContent> {
  const entries = await modules.fs.promises.readdir(modules.path.join(root, below), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* openFolder(modules, root, path);
    else if (entry.isFile()) {
      yield { path, content: await modules.fs.openAsBlob(modules.path.join(root, path)) };
    } else {
      // A link may lead out of the folder, a pipe has no end.
      throw new InvalidTracking(`"${modules.path.join(root, path)}" is neither a file nor a folder.`);
    }
  }
}
