import type { Area } from "./area.ts";

export const faults: Area = {
  name: "faults",
  group: "trouble",
  about: [
    "something that does not work",
    "a fault in a program",
    "a broken program",
    "an error on a computer",
    "a technical problem",
  ],
  events: [
    {
      gist: "says that the program stops by itself",
      past: [
        "saw how {app} [crashed|closed itself|shut down|stopped] [again|without a message|in the middle of the work]",
        "[lost|almost lost] {my} work because the program [crashed|froze|hung]",
        "opened a [large|new|old] file and the program crashed",
        "had to restart the [computer|program|app] [three times|every hour], because it [froze|hung|stopped responding]",
      ],
    },
    {
      gist: "gets an error message",
      past: [
        "got [an error|error {code}|a strange error message|error code {code}] when {I} pressed the [save|send|print|start] button",
        "tried to [upload|download|print|open|save] a [file|picture|document|report], but it [failed|ended with an error|broke off]",
        "read the message: unexpected failure {code}",
        "found many errors in the log file",
      ],
    },
    {
      gist: "says that a page stays empty",
      past: [
        "only saw [a blank|an empty|a white] [screen|page|window]",
        "waited for the page, but it did not load",
        "reloaded the page in another browser, and it was still [blank|empty|broken]",
        "opened the [list|report|calendar], and nothing was shown",
      ],
    },
    {
      gist: "says that the program is slow",
      past: [
        "waited [a minute|{small} minutes|very long] until the [page|list|file] was loaded",
        "found the program [very slow|slower than before] [since the last update|]",
        "watched the sync hang at {code} percent",
      ],
    },
    {
      gist: "says that a button does not work",
      past: [
        "clicked on the [button|menu|link], but nothing happened",
        "pressed the save button, which was grey and did not [react|respond]",
        "could not scroll, because the [page|list] jumped back to the top",
        "saw that the text was cut off and the buttons overlapped",
      ],
    },
    {
      gist: "says that something is lost",
      past: [
        "closed the window, and all changes were [gone|lost]",
        "typed in a long text, and it was not saved",
        "found that items [disappeared|were missing|were gone] after the update",
        "exported a file, but it was [damaged|empty|broken]",
      ],
    },
    {
      gist: "says that the result is wrong",
      past: [
        "found [wrong numbers|wrong dates|a wrong total|false results] in the [report|table|list]",
        "sorted the list, and the order was wrong",
        "searched for a document that exists, but the search [found nothing|was broken]",
        "got the same message [twice|three times]",
        "copied one item and got [two|three] copies, which was a bug",
        "saw question marks where letters should be",
      ],
    },
    {
      gist: "says that it broke after an update",
      past: [
        "installed the [update|new version|version {code}], and then the [app|program] did not start [any more|any longer]",
        "went back to the old version because the update [broke|had damaged] {my} program",
        "tried to install the program again, but the installer failed",
      ],
    },
  ],
  replies: [
    "The engineer [found|fixed|repeated] the [bug|fault|error|problem].",
    "The developers [sent|made|tested] an update that [fixed it|repaired the fault|solved the problem].",
    "A restart [helped|did not help|made no difference].",
    "The cache was cleared, [with success|without success|but the fault came back].",
    "The support asked for [a screenshot|the log file|the version of the browser|the error code].",
    "The new version [works again|no longer crashes|loads faster].",
    "The engineers [could repeat the crash|saw the same error on another computer|were stuck for two days].",
    "The problem only [happens|happened] on [the phone|the tablet|Windows|Linux|a Mac|an old computer|one browser].",
  ],
  general: [
    "A program that [crashes|freezes|hangs] has a [bug|fault].",
    "An error message says what went wrong.",
    "[Before the update|Until {day}] everything worked [fine|well].",
    "The log file shows [the failure|error {code}|when the program crashed].",
    "It happens [every time|on every device|again and again].",
    "Bugs are [found|fixed|reported] [every day|in every program].",
    "A screenshot shows the [fault|problem|error] on the screen.",
    "When [an app|a program] stops responding, [it must be restarted|people lose their work].",
    "The [installer|browser|screen|printer|keyboard|server] [was broken|did not respond|did not work].",
    "[Nobody could work|The whole team was stuck] until the fault was [fixed|repaired].",
  ],
  terms: [
    ["bug", "a mistake in a program"],
    ["crash", "the sudden end of a program"],
    ["error message", "a text that says what went wrong"],
    ["update", "a newer version of a program"],
    ["screenshot", "a picture of what the screen shows"],
    ["log file", "a list of what a program did"],
    ["browser", "a program that shows web pages"],
    ["restart", "a new start of a program or computer"],
    ["blank screen", "a screen that shows nothing"],
    ["cache", "a store for things that are needed again"],
    ["upload", "a file sent to a server"],
    ["download", "a file brought from a server"],
    ["installer", "a program that puts another program on a computer"],
    ["sync", "keeping files the same on two devices"],
  ],
};
