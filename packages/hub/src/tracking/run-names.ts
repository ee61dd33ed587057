import { randomInt } from "node:crypto";

const adjectives =
  "amber,bold,brave,bright,brisk,calm,candid,clever,crisp,deft,eager,earnest,fair,fleet,fond,frank,gentle,glad,golden,hardy,humble,jolly,keen,kind,lively,loyal,lucid,mellow,merry,mild,neat,nimble,noble,patient,placid,plucky,polite,proud,quick,quiet,rapid,ruddy,serene,sharp,silent,sleek,smooth,snug,solid,spry,stately,steady,sunny,swift,tidy,upbeat,vivid,warm,wise,witty".split(
    ",",
  );
const nouns =
  "alder,anvil,aspen,badger,beacon,birch,bison,bramble,brook,cedar,cinder,comet,coral,crane,dune,ember,falcon,fern,finch,fjord,flint,fox,glacier,grove,harbor,hawk,heron,ibis,island,ivy,juniper,kestrel,lagoon,lantern,larch,lark,lynx,maple,marten,meadow,mesa,moss,oak,orchard,osprey,otter,owl,pebble,pine,plover,quail,raven,reef,ridge,river,robin,spruce,stork,swan,thistle,trout,valley,walnut,willow,wren".split(
    ",",
  );

/** A name for a run that nobody has named, in MLflow's form: `quiet-heron-318`. */
export function randomRunName(): string {
  return `${pick(adjectives)}-${pick(nouns)}-${randomInt(1000)}`;
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? "";
}
