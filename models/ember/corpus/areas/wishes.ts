import type { Area } from "./area.ts";

export const wishes: Area = {
  name: "wishes",
  group: "wishes",
  about: [
    "a wish for something new",
    "an idea",
    "a suggestion",
    "something that could be added",
    "an improvement",
  ],
  events: [
    {
      gist: "wishes for something new in a program",
      past: [
        "[wished for|would have loved|hoped for|asked for] [a dark mode|a dark theme|larger fonts|shortcuts for the keyboard|an offline mode|more languages|a way to undo steps|reminders|templates|a widget]",
        "missed an option to [sort by colour|filter by name|share a folder|hide old items|pin a note|group tasks]",
        "asked whether [{app} could|the next version could|it would be possible to] [export a table|show a preview|support other devices|connect a calendar|print on one page|add comments]",
      ],
    },
    {
      gist: "has an idea for an improvement",
      past: [
        "had [an idea|a good idea|a small idea|many ideas] for the next [version|release]",
        "[suggested|proposed|thought of] a [new button|shared calendar|weekly summary|public API|template gallery|voice input|start page|small preview]",
        "[made|sent|wrote down] a suggestion: [let users choose their own colours|show the weather|add a map|allow a double click|let guests comment]",
        "drew a picture of how the [page|menu|list|app] could look",
      ],
    },
    {
      gist: "asks what is planned",
      past: [
        "asked [what was planned for next year|about the roadmap|if a version for the tablet was planned]",
        "wanted to know when the new [feature|function|option] would come",
        "asked to test an early version",
        "wanted to try the beta version",
      ],
    },
    {
      gist: "would like a useful option",
      past: [
        "said it would be [nice|great|useful|helpful|handy|lovely|wonderful] to [have a reminder|drag the columns|see all files at once|save a search|choose a language|work without a mouse|use it without the internet]",
        "wanted to [connect|combine] {app} with [other tools|a calendar|own programs]",
        "asked the makers to [consider|think about|add|build] an [option|export|import] for [spreadsheets|tables|pictures|notes]",
      ],
    },
    {
      gist: "likes something that another program can do",
      past: [
        "had seen a [useful|nice] function in another [program|product|tool] and wished for the same",
        "showed how other tools [sort|share|export|print] lists and suggested to do it like that",
        "missed a function that a similar product offered",
      ],
    },
  ],
  replies: [
    "The makers [liked the idea|put it on the list|thanked for the suggestion|added it to the roadmap].",
    "The team [plans|planned] to [add|build] it [next year|in the next release|in {month}].",
    "Many users [wished for|voted for|would enjoy] the same [option|feature|improvement].",
    "The designer [made a first version|drew how it could look|liked the suggestion].",
    "It [could|may] come as an option in the settings.",
    "A simple version [would be enough|came a month later|was tested by users].",
  ],
  general: [
    "It would save [a lot of time|many clicks|hours of work].",
    "New [features|functions|options] make a program more useful.",
    "Good ideas [often come from users|make a product better|are welcome].",
    "A wish list [holds|shows] what users would like to have.",
    "The roadmap [shows|says] what is planned for the [next version|future].",
    "At the moment [people do this by hand|there is no such option|it is not possible].",
    "It would [help many people|make the work easier|be a nice improvement].",
    "Some [tools|products|programs] [offer|have] [such an option|this function] already.",
    "A suggestion says how something could be [better|easier|nicer].",
    "Users [suggest|propose|wish for|would love] [new buttons|more colours|other languages|more options].",
  ],
  terms: [
    ["feature", "something that a program can do"],
    ["suggestion", "an idea that somebody offers"],
    ["wish", "something that somebody would like to have"],
    ["idea", "a new thought"],
    ["proposal", "a plan that is offered to others"],
    ["roadmap", "a plan of what will be built"],
    ["option", "something that a user can choose"],
    ["improvement", "a change that makes things better"],
    ["dark mode", "a look with light letters on a dark page"],
    ["shortcut", "a quick way to do something with keys"],
    ["template", "a form to start from"],
    ["beta version", "an early version for tests"],
    ["export", "saving things for use in another program"],
    ["preview", "a small picture of a file"],
    ["reminder for a deadline", "a message that helps not to forget"],
    ["release", "a new version that is given to users"],
  ],
};
