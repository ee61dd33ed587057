import type { Area } from "./area.ts";

export const meetings: Area = {
  name: "meetings",
  group: "people",
  about: [
    "people who meet",
    "a visit or a meeting",
    "friends and work mates",
    "an invitation",
    "a job or a talk",
  ],
  events: [
    {
      gist: "wants to meet at another time",
      past: [
        "[moved|postponed] the [meeting|talk|appointment|lunch] to {day}",
        "could not come on {day} because {my} [train|bus|plane] was late",
        "asked if {day} [morning|afternoon] was a good time for [the meeting|a coffee|lunch|a talk]",
        "was on holiday until {day}, and {person} stood in",
      ],
    },
    {
      gist: "says thank you",
      past: [
        "said thank you for the [kind|warm|friendly] [welcome|help|service|words]",
        "was [happy|grateful] about the [friendly|nice] [talk|visit|evening]",
        "sent best wishes to [the family|everybody|all friends]",
        "thanked {person} for the [flowers|cake|party]",
      ],
    },
    {
      gist: "looks for a job",
      past: [
        "applied for [a job|the job|the position] as {job}",
        "sent {my} CV and a letter to {firm}",
        "looked for [work|a place as an intern|an internship] in the summer",
        "had an interview for a new job in {town}",
      ],
    },
    {
      gist: "invites people",
      past: [
        "invited [everybody|all friends|the whole office] to a [party|dinner|garden party|birthday|concert|summer party]",
        "baked a cake for the [guests|birthday|visitors]",
        "planned a [party|dinner|celebration] for about {small} guests",
        "opened a new [shop|office|school] and invited the neighbours",
      ],
    },
    {
      gist: "wants to visit or ask questions",
      past: [
        "wanted to visit the [office|museum|company] with {my} school class",
        "wrote for a [newspaper|local paper] and asked for an interview",
        "was a student and wrote a paper about [companies|trains|music]",
        "held a [speech|talk] at a [conference|fair|school]",
        "wanted to become a partner for [events|concerts|books]",
        "asked when the office in {town} was open",
      ],
    },
    {
      gist: "tells news about people",
      past: [
        "moved to a new [house|building|office] in {town}",
        "introduced a new [colleague|work mate]",
        "congratulated {person} on the [birthday|wedding|birth of a daughter|birth of a son]",
        "left the keys of the [meeting room|office] at the front desk",
        "arrived after lunch, because the train was late",
      ],
    },
  ],
  replies: [
    "They [met|had lunch|had coffee|talked] [at the station|in a small cafe|on {day}|in the meeting room].",
    "Everybody [was happy|enjoyed the evening|laughed|said hello to the family].",
    "The guests [brought flowers|danced|ate cake|stayed until midnight].",
    "The [answer|reply] was friendly: [see you on {day}|you are welcome|any time is fine].",
    "The meeting [was short|took an hour|was on the second floor|started half an hour later].",
    "The {job} [got the job|started in {month}|was welcomed by the team].",
    "The journalist [asked a few questions|wrote an article].",
  ],
  general: [
    "A meeting needs a [time and a place|room].",
    "Friends like to [meet|talk|eat together|visit each other].",
    "[A letter|A card] with best wishes makes people happy.",
    "The office is open from [eight|nine] to [five|six].",
    "In the summer many people are on holiday.",
    "A CV lists the schools and jobs of a person.",
    "There was [cake|music|tea|coffee] for the guests.",
    "[Congratulations|Greetings|Best wishes] [to all of you|from {town}|from the whole family].",
    "The [conference|fair|exhibition|workshop|concert] in {town} [was a pleasure|was wonderful|begins on {day}].",
    "The visitors [waited at the entrance|came by train|parked behind the house].",
  ],
  terms: [
    ["meeting", "a time when people come together to talk"],
    ["invitation", "a letter that asks somebody to come"],
    ["appointment", "a fixed time to meet"],
    ["guest", "a person who is invited"],
    ["holiday", "free days without work"],
    ["colleague", "a person who works at the same place"],
    ["interview", "a talk with questions and answers"],
    ["application", "a letter that asks for a job"],
    ["internship", "a short time of work to learn a job"],
    ["conference", "a large meeting with talks"],
    ["party", "a happy evening with guests"],
    ["journalist", "a person who writes for a newspaper"],
    ["congratulations", "kind words about something good"],
    ["receptionist", "a person who welcomes guests"],
  ],
};
