import { InvalidTracking } from "./errors.ts";
import { node, type Node } from "./platform/node.ts";

/** A path in Node; elsewhere, or for what is in memory, content and the path it gets. */
export type ArtifactSource =
  | string
  | {
      path: string;
      content: string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob | ReadableStream<Uint8Array>;
    };

/** Bytes that can be read again, for a request that is tried again. */
export interface Content {
  /** Bytes. */
  size: number;
  /** Media type; "" when it is unknown. */
  type: string;
  open(): Promise<Blob>;
  /** The file in Node that holds them. */
  file: string | null;
}

export interface NamedContent {
  /** With "/", below the folder it goes to. */
  path: string;
  content: Content;
}

export function contentOf(blob: Blob): Content {
  return { size: blob.size, type: blob.type, open: () => Promise.resolve(blob), file: null };
}

export function contentOfText(text: string): Content {
  return contentOf(new Blob([text], { type: "text/plain" }));
}

/** Opens what is to be stored. A folder gives every file below it; its own name is not part of the paths. */
export async function* openContent(source: ArtifactSource): AsyncGenerator<NamedContent> {
  if (typeof source !== "string") {
    yield { path: source.path, content: await contentInMemory(source.content) };
    return;
  }
  const modules = node();
  if (modules === null) {
    throw new InvalidTracking(`A browser cannot read the file "${source}": give { path, content } instead.`);
  }
  const stat = await modules.fs.promises.stat(source);
  if (stat.isDirectory()) yield* openFolder(modules, source, "");
  else yield { path: modules.path.basename(source), content: await contentOfFile(modules, source) };
}

async function contentInMemory(content: Exclude<ArtifactSource, string>["content"]): Promise<Content> {
  if (typeof content === "string") return contentOfText(content);
  if (content instanceof Blob) return contentOf(content);
  // A try that fails is made again, so a stream, which can be read once, is kept whole.
  if (content instanceof ReadableStream) return contentOf(await new Response(content).blob());
  return contentOf(new Blob([content]));
}

async function* openFolder(modules: Node, root: string, below: string): AsyncGenerator<NamedContent> {
  const entries = await modules.fs.promises.readdir(modules.path.join(root, below), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* openFolder(modules, root, path);
    else if (entry.isFile()) {
      yield { path, content: await contentOfFile(modules, modules.path.join(root, path)) };
    } else {
      // A link may lead out of the folder, a pipe has no end.
      throw new InvalidTracking(`"${modules.path.join(root, path)}" is neither a file nor a folder.`);
    }
  }
}

async function contentOfFile({ fs }: Node, path: string): Promise<Content> {
  const { size } = await fs.promises.stat(path);
  return { size, type: "", open: () => fs.openAsBlob(path), file: path };
}
