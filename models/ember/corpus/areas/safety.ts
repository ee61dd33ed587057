import type { Area } from "./area.ts";

export const safety: Area = {
  name: "safety",
  group: "danger",
  about: [
    "safety on the internet",
    "a danger for an account",
    "thieves and hackers",
    "keeping secrets safe",
    "a break-in or a leak",
  ],
  events: [
    {
      gist: "fears that a stranger is in the account",
      past: [
        "saw a [login|sign-in] from [another country|a city far away|a place nobody knew|an unknown device|a foreign network]",
        "found out that [somebody|a stranger|a hacker|an attacker] had signed in to {my} account",
        "said that {my} account [was hacked|had been hacked|was taken over|was used by a stranger]",
        "could not sign in, because [a hacker|somebody] had changed the password",
      ],
    },
    {
      gist: "warns of a fake message",
      past: [
        "got [a phishing e-mail|a fake e-mail|a suspicious message|a false letter] that asked for {my} password",
        "[clicked|almost clicked] on a [suspicious|dangerous|fake] [link|attachment]",
        "was called by a man who [pretended to be|claimed to be] from the support and wanted [access|the password]",
        "saw a fake copy of the login page of {firm}",
      ],
    },
    {
      gist: "lost something with secrets on it",
      past: [
        "said that {my} [phone|laptop|tablet|bag with the laptop] was stolen",
        "lost {my} [phone|keys|laptop] with all passwords on it",
        "wanted to [lock|block|log out] all [sessions|devices] after a theft",
      ],
    },
    {
      gist: "reports that secrets were leaked",
      past: [
        "found {my} password in a list of leaked [passwords|accounts]",
        "published a secret [key|code|password] by [accident|mistake] and had to revoke it",
        "heard that [private|personal|confidential] data had been [stolen|leaked|copied|published]",
        "read about a [breach|leak|data leak] in the news",
      ],
    },
    {
      gist: "found a weak spot in a system",
      past: [
        "found a [security hole|vulnerability|weak spot|security problem] in [a web site|a program|the login page]",
        "saw that [anybody|strangers|everybody] could [read|open|see] [private|confidential] [files|documents|pages] without [a password|logging in]",
        "noticed that [an old worker|a former employee|someone who had left] still had access to the private files",
        "showed how an attacker could [steal logins|run a script|break in|read the data of others]",
      ],
    },
    {
      gist: "wants to protect an account",
      past: [
        "turned on two-factor [protection|login] after [a break-in|an attack|several attacks]",
        "chose a [longer|stronger|new] password",
        "asked to [lock|block] the account at once",
        "got login codes that {I} had not [requested|asked for]",
        "counted hundreds of failed logins in one night",
        "saw a browser warning about an unsafe connection and an expired certificate",
      ],
    },
  ],
  replies: [
    "The guards of the network [locked|blocked] the account [at once|].",
    "The [hacker|attacker|thief] [was found|had stolen {small} passwords|could not get in again].",
    "Everybody had to change [the password|all passwords].",
    "The hole was [closed|kept confidential until it was closed|repaired the same day].",
    "The police [looked for the thief|warned of the fake letters|asked who had had access].",
    "The key was [revoked|changed], and the old one no longer opens anything.",
    "No [private|personal] data was [stolen|lost|published].",
    "A virus had been hidden in the attachment.",
  ],
  general: [
    "A good password is long and secret.",
    "Nobody should [tell|send|show] a password to [a stranger|others].",
    "Phishing [messages|letters] look [real|true], but they [are fake|steal passwords].",
    "Hackers [try to|want to] [steal data|break in|read secrets].",
    "A second factor [protects|guards] an account.",
    "[Private|Personal|Confidential] data must be [protected|kept safe].",
    "An attacker [needs|looks for] only one [weak spot|security hole].",
    "A stolen [phone|laptop] should be [locked|blocked] at once.",
    "An unknown [device|login|address] may be [dangerous|a sign of an attack].",
    "A breach means that somebody has stolen [data|secrets|passwords].",
  ],
  terms: [
    ["password", "a secret word that opens an account"],
    ["phishing", "a trick with fake messages to steal passwords"],
    ["hacker", "a person who breaks into computers"],
    ["attacker", "somebody who tries to do harm"],
    ["security hole", "a weak spot through which a thief can get in"],
    ["vulnerability", "a weak spot in a program"],
    ["breach", "a break-in in which data is stolen"],
    ["leak", "secrets that got out"],
    ["two-factor login", "a login with a password and a second proof"],
    ["virus", "a program that does harm"],
    ["certificate", "a proof that a web site is real"],
    ["secret key", "a code that must not be known to others"],
    ["identity theft", "the use of the name of another person by a thief"],
    ["thief", "a person who steals"],
    ["access", "the right to open something"],
  ],
};
