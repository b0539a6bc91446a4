"""English."""

from __future__ import annotations

from tokenwatch.sources.wording.lexicon.en_complaints import LOOSE, STRICT, WORK
from tokenwatch.sources.wording.lexicon.words import Words

WORDS = Words(
    strict=STRICT,
    loose=LOOSE,
    restated=(
        "(should|shoud|shuold|must|has to|have to|needs? to|ought to|supposed to|want|wanted"
        "|expect)",
        "(instead|rather|not the|and not|nor)",
        "^(but|however|except|only|although|though)",
        "(but|except|however|although|though|yet|while)",
        "(only|always|every time|everytime|whenever|sometimes|randomly|as soon as)",
        "^(also|it|its|they|there|this|that|these|those|the|in|on|when|after|i|im|still|now)",
    ),
    contrasts=("but", "except", "however", "although", "though", "only", "apart from", "other than",
               "besides", "just one", "still", "one (issue|problem|thing is)", "almost", "nearly"),
    accepts=(
        "(it|its|this|that|now|all|everything|which|finally|login|page|they|stuff|test|tests"
        "|build)"
        f" (is |are |seems to |now |all |finally |just |actually )*({WORK}|pass|passes|passed"
        "|passing"
        "|fixed|solved|resolved)( (now|fine|great|well|perfectly|correctly|again|as expected|like a"
        " charm|good|nicely|properly|beautifully))*(?= *([.!,;\n]|$|and|thank|next|so|let|lets"
        "|can))",
        f"^(now )?{WORK} (now|fine|great|well|perfectly|correctly|as expected|like a charm|good)",
        f"^(ok|okay|yes|yep|yeah|great|nice|cool|good)[,.! ]+(it |that |now |this |all )*"
        f"({WORK}|fixed|passed|passes)(?= *([.!,;\n]|$|now|and|thank))",
        "(that|this|it|you|which) (has |have |finally |just |really )*(fixed|solved|resolved"
        "|did it|did"
        " the trick|nailed it|helped|worked|nailed)(?! the wrong)(?= *([.!,;\n]|$|and|thank"
        "|now|it|the"
        "|perfectly|great))",
        "^(fixed|solved|resolved|confirmed|verified)(?= *([.!,;\n]|$|now|thank))",
        "^(that |this |it |its |all |everything |now |thats )*(looks?|looking|is|seems|s|are|was)"
        " (all |very |really |so |now |pretty |much |absolutely |just )*(good|great|perfect"
        "|fine|nice|correct"
        "|right|awesome|amazing|excellent|beautiful|fantastic|ok|better now|exactly|brilliant"
        "|wonderful|what i wanted|lovely|solid)(?! (to|for|if|enough to|idea to|way to))",
        "^(thats|its|all) (it|perfect|great|good|fine|exactly|right|correct|better|awesome|amazing"
        "|excellent|what i (wanted|meant|needed|asked))",
        "^(lgtm|ship it|perfect~|exactly|spot on|excellent|brilliant|flawless|bravo|well done"
        "|good job"
        "|great (job|work|stuff)|nice (work|job|one)|nailed it|beautiful|fantastic|awesome|amazing"
        "|wonderful|love it|i (love|like) (it|this|that)|much better|way better|very good|approved"
        "|all good|all green|works)(?! (to have|square|match|only|on paper))(?= *([.,!;:\n)]|$"
        "|now|thank"
        "|thanks|and|next|lets|job|work|so|please|can|for))",
        "(happy|satisfied|pleased) with (it|this|that|the result)",
        "no (more|further) (issues?|errors?|problems?|bugs?|complaints?)",
    ),
    thanks=(
        "^(great|nice|cool|good|super|sweet|thanks|thank you|thx|ty|tysm|cheers|wow|yay|yes+"
        "|fine|neat"
        "|impressive|splendid)(?! (to|in advance|idea if|morning|evening|afternoon|day"
        "|question|point"
        "|for (your )?(help|looking)))(?= *([.,!;:\n)]|$|now|thank|thanks|and|next|lets|job"
        "|work|stuff"
        "|one|so|please|can|for|very much|a lot|it))",
    ),
    moves_on=(
        "^(next|nxt)(?! (button|page|time|to|month|week|year|js|item|element|steps? (button|in)))",
        "^(now |then |so |ok )*(lets|let us|let s) (now |also |then |next |just )*(move"
        "|continue|go|do|add"
        "|start|work|implement|build|create|make|tackle|look|turn|focus|update|write|begin|proceed"
        "|switch|get|see|try|plan|refactor|improve|talk|change|use)(?! (back|it again|that again))",
        "^now (?!(it|the|its|this|that|these|those|they|there|we|he|she|all|my|our|your|i|im|you"
        "|when|if|only|just|even|still|not|nothing|everything|get|gets|getting|got|see|seeing|sees"
        "|shows?|showing|has|have|having|is|are|was|does|do|fails?|breaks?|broke|missing|throws?"
        "|gives?|says?|what|why|where|how|works?|without|with|because)\\b)[a-z]+"
        " (it|the|them|an?|all|this|that|these|those|each|every|my|our)",
        "^now (i want|i need|i would|id|i|can|could|we|please|you|do|add|implement|create|make"
        "|write"
        "|build|update|change|also|for|on to|lets|work|move|go|start|let|refactor|use|test|continue"
        "|remove|fix the|the next|to the|onto|proceed|please)(?! (get|see|have (an? |the"
        " )?error|cant"
        "|cannot|dont|still|got|broke))",
        "^(and |then |please |can you |could you )*(also|additionally|furthermore|moreover|besides"
        "|in addition|on top of that|plus|as well)(?! (it|its|the|this|that|still|not|when|there|i"
        "|doesnt|isnt|why|wrong|broken) )",
        "^(another|one more|one other|a different|a new|new|different|other|separate|next|last"
        "|final)"
        " (quick |small |minor |little )?(thing|task|feature|request|topic|question|point"
        "|change|issue"
        "|item|step|ticket|story|bug|improvement|improvements?|idea)(?! (is )?(still|broken"
        "|wrong))",
        "^(moving|move|going|turning|switching|on|onto|back) (on|to)",
        "^(move|go|proceed|continue|jump|switch) (on|over|ahead|onto)? ?(to|with) (the )?(next|step"
        "|phase|task|part|item|milestone|story|ticket|point|stage|sprint|number)",
        "^(step|phase|part|task|stage|milestone|ticket|story|sprint|issue|item|point|chapter"
        "|section"
        "|feature|todo|epic|wave|iteration|round)[ #-]*(\\d|[ivx]+|[a-d]|two|three|four|next)"
        "(?! (is|was|still|fails|doesnt|isnt|of the))",
        "^pr[ #-]+(\\d|next)",
        "^(then|after (that|this)|afterwards|once (thats|that is|this is) done|when (thats"
        "|done)|finally"
        "|lastly|meanwhile|while (youre|you are) at it)(?! (why|how|it|the|what|is|does|i|its))",
        "^(for|with) the next",
        "^(implement|do|start|begin|continue with|execute|work on|proceed with|complete|finish"
        "|tackle)"
        " (the )?(next )?(step|phase|task|part|stage|milestone|ticket|story|sprint|item|point"
        "|issue)s?"
        "[ #]*(\\d|[ivx]+|[a-d]|two|three|four|five|from)",
        "(now|then|next),? (on|move on|moving on|we can|lets|let us)",
    ),
    control=(
        "yes", "yeah", "yea", "yep", "yup", "ya", "y", "n", "no", "nope", "no thanks", "ok", "okay",
        "okey", "k", "kk", "sure", "sure thing", "of course", "continue", "contineu", "countinue",
        "continue please", "keep going", "carry on", "go on", "go", "go ahead", "go for it",
        "proceed",
        "procede", "resume", "do it", "do that", "do this", "do so", "lets do it", "lets do that",
        "lets go", "please do", "please", "pls", "plz", "agreed", "agree", "approved", "approve",
        "accept", "accepted", "confirm", "confirmed", "correct", "right", "exactly", "absolutely",
        "definitely", "sounds good", "looks good", "looks great", "lgtm", "good", "great",
        "perfect",
        "nice", "cool", "fine", "alright", "all right", "awesome", "excellent", "thanks",
        "thank you",
        "thx", "ty", "makes sense", "fair enough", "yes to all", "all of them", "all", "both",
        "either", "none", "the first", "the first one", "the second", "the second one",
        "the last one",
        "first", "second", "third", "skip", "skip it", "done", "ready", "im ready", "im back",
        "go go",
        "now", "then", "with it", "with that", "with the plan", "with your plan", "your call",
        "up to you", "you decide", "whatever you recommend", "as you recommend", "as you suggest",
        "your recommendation", "i agree", "that works", "works for me", "ship it", "start", "begin",
        "lets start", "lets continue", "you can continue", "you can proceed", "you may proceed",
        "keep it up", "continue from where you left off", "where you left off",
        "from where you left off",
        "continue where you left off", "continue with the plan", "continue working", "finish",
        "finish it",
        "finish up", "hi", "hello", "hey", "ping", "test", "stop", "cancel", "wait", "never mind",
        "nevermind", "nvm", "that one", "this one", "yes do it", "do them all", "do all",
        "do all of them",
        "do both", "yes to both", "apply", "apply it", "apply them", "allow", "more", "next",
        "so", "and",
        "it", "got it", "understood", "i see", "ah", "oh",
    ),
    chores=(
        "^(git )?(commit|comit|commmit|committ)(?! (message|messages|hash|history|hook|log"
        "|graph|list"
        "|view|page|dialog|button|id|sha))",
        "^(git )?push( (it|this|that|them|these|all|everything|up|now|again|the (branch"
        "|changes|commits?"
        "|code|fix|tag|tags)|changes|branch|to (the )?(origin|remote|main|master|github|gitlab|git"
        "|upstream|repo|server|prod|production|staging|dev|develop|branch|it|my|our)|origin"
        "|and|please"
        "|code|force|tags?))?(?! (notification|the button))(?= *([.,!;\n]|$|and| ))(?! (notif"
        "|the b|the d))",
        "^(git )?(pull|fetch|stash|stage|unstage|rebase|squash|merge|cherry ?pick|amend|tag)( "
        "(it|this"
        "|that|the|to|into|in|with|on|onto|from|all|main|master|develop|latest|origin"
        "|everything|your"
        "|my|changes|branch|and|please|now|pr|request|upstream))?(?= *([.,!;\n]|$| ))"
        "(?! (the )?(cells|sort|two|lists|columns))",
        "^(create|open|make|raise|submit|update|merge|close|draft|file|send|do|write) (a |an "
        "|the |new |this"
        " |another |draft |me )*(pr|pull request|mr|merge request|commit|branch|tag|release)s?"
        "(?! (template|list|page|for the (login|feature) flow|button|view))",
        "^(re ?)?(run|execute|launch|do) (all |the |our |unit |full |entire |whole |e2e "
        "|integration |my |it"
        " |and |them |just |only |new |failing )*(tests?|test suite|suite|specs?|linter|lint"
        "|linting|checks?"
        "|ci|build|typecheck|type checks?|formatter|prettier|eslint|ruff|mypy|pytest|jest"
        "|vitest|tsc"
        "|server|dev server|app|project|migrations?|script|it|pipeline|benchmarks?)(?! (that"
        "|which|where))",
        "^(npm|pnpm|yarn|bun|cargo|go|make|pytest|docker|gradle|mvn|uv|pip|brew|dotnet|flutter) "
        "(run |exec |compose )?(test|tests|lint|build|install|start|up|dev|format|check|down"
        "|restart)",
        "^(lint|format|typecheck|type check|build|rebuild|compile|deploy|redeploy|publish"
        "|release|install"
        "|reinstall|restart|reboot|reload|relaunch)( (it|this|that|them|the|to|all|again"
        "|everything|now|please"
        "|on|app|application|server|dev|code|codebase|project|dependencies|deps|services?"
        "|containers?"
        "|docker|image|bundle|binary|package|wheel|docs|site|website|api|db|database|cluster|worker"
        "|backend|frontend|prod|production|staging|latest|new|version|files?|patch|my|our|changes"
        "|branch|repo))*"
        "(?= *([.,!;\n]|$)| (and|then|with|for|from|in|locally|first|using|via|so|if|before|after))"
        "(?! (a|an|me|page|button|logic|pipeline for|the (login|user|form|new feature))\\b)",
        "^(start|stop|kill|bring up|spin up|run|shut down|boot) (the |up |all |my |our |it |a "
        "|dev |local )*"
        "(server|servers|app|backend|frontend|dev|service|services|container|containers|docker|db"
        "|database|process|emulator|simulator|watcher|instance|application)",
        "^(git )?(status|diff|log)(?= *([.,!;?\n]|$))",
        "^(check|show|whats|what is|give me|get) (me )?(the |me |git |current )*(git )?(status"
        "|diff|git log"
        "|ci status|build status|branch)(?= *([.,!;?\n]|$))",
        "^(switch|checkout|check out|go) (back )?(to )?(the |a |new )*(main|master|develop|branch)",
        "^(bump|update|increase) (the )?(version|version number|changelog|lock ?file"
        "|dependencies|deps)"
        "(?= *([.,!;\n]|$| to| and))",
        "^(clean up|cleanup|delete|remove|prune) (the |old |all |merged |local |stale )*"
        "(branch|branches"
        "|worktrees?|tmp files|temp files|build artifacts|cache)(?= *([.,!;\n]|$| and))",
        "^(cp|ci|gcp|wip)(?= *([.,!;\n]|$))",
        "^(wrap up|save|checkpoint|check in|ship|land)( (it|this|that|the|and|my|changes|progress"
        "|everything))* ?(commit|push|changes|work)?(?= *([.,!;\n]|$))",
    ),
    chore_stops=(
        "(fix|add|implement|refactor|change|changing|create (?!(a |an |the |new |another "
        "|draft )*(pr|pull|branch|tag"
        "|commit|mr|merge|release)\\b)|write|replace|rename|redesign|improve|remove the|should"
        "|must|why"
        "|error|errors|fails?|failed|failing|broken|wrong|crash~|bug|missing|doesnt|dont work"
        "|until|each)",
    ),
    tasks=(
        # A symptom that tells which one is meant is no complaint.
        "^((please|pls|can you|could you|now|then|also|and|next|just|lets) )*(fix|repair|correct"
        "|resolve|solve|mend|debug|investigate) (the |a |an |all |any |our |my |some |these |those "
        "|this |that |\\d+ )*(remaining |last |other |two |three |four )*(failing|broken|flaky|red"
        "|missing|wrong|incorrect|invalid|slow|stale|outdated|unused|duplicated?|empty|leaking"
        "|crashing|hanging|deprecated|misaligned|overlapping|inconsistent) \\w+"
        "(?! (again|still|now|you))",
        "^((please|pls|plz|kindly|just|now|then|also|and|first|next|go ahead"
        " and|can"
        " (you|u|we)|could (you|u|we)|would you|will you|i want you to|i would like you to|id"
        " like you"
        " to|i need you to|i want to|i need to|we need to|we should|lets|help me|your task is"
        " to|you are"
        " tasked with|try to|i would like to|id like to|i want|i need|we need|we want)"
        " )*(add|adds|create|implement|write|build|make|generate|refactor|rename|move|update|change"
        "|extract|migrate|design|develop|set ?up|setup|configure|convert|replace|remove|delete"
        "|integrate"
        "|improve|optimi[sz]e|document|draft|port|introduce|split|merge|extend|enable|disable"
        "|support"
        "|use|read|review|analy[sz]e|investigate|research|explore|look (into|at)|find|search"
        "|list|show"
        "|explain|describe|summari[sz]e|compare|check|verify|test|debug|clean|organi[sz]e"
        "|prepare|plan"
        "|translate|upgrade|bump|install|copy|rewrite|restructure|simplify|redesign|style|wire"
        "|connect"
        "|expose|handle|allow|ensure|validate|parse|render|adapt|adjust|increase|decrease"
        "|reduce|put"
        "|insert|append|define|register|apply|import|export|save|load|fetch|call|print|log"
        "|track|scan"
        "|figure out|come up|think|propose|suggest|give|tell|provide|turn|separate|combine"
        "|reuse|hide"
        "|highlight|sort|filter|group|swap|switch|bring|drop|cut|centralize|standardi[sz]e"
        "|normali[sz]e"
        "|cache|mock|seed|scaffold|bootstrap|publish|release|deploy|run|complete|finish"
        "|continue|work"
        "|start)"
        "(?! (is|are|fails?|failed|failing|has|does|doesnt|isnt|still|not|crashes|breaks|broke))",
        "^you are (a|an|the)",
        "^as (a|an|the) ",
        "^(goal|task|context|objective|background|requirements?|overview|summary|problem"
        "|feature|bug"
        "|description|title)s?:",
        "^(in|for|on|inside|within|using|given|based|following) (the |this |our |my |@)",
    ),
    questions=(
        "^(whats|what|whose|who|why|how|where|wheres|hows|whys|which)(?! (i (want|need|mean)"
        "|about adding))",
        "^when (is|are|will|do|does|did|should|can|was|would|were)",
        "^(is|are|was|were|does|did|has|am i|arent|isnt|doesnt|didnt|wasnt|cant it|wouldnt)",
        "^(do|have|should|can|could|will|would|shall|may|might|must) (i|we|you|it|this|that"
        "|the|there|they"
        "|these|those|u|users?|a|an|my|our)",
        "^(any (idea|chance|thoughts|reason|news|updates?)|anything (else|missing))",
        "^(tell me|explain|clarify|remind me|im (curious|wondering)|i wonder|i was wondering"
        "|wondering|do"
        " you know|curious)",
        "^((please|pls) )?(explain|tell me|describe)",
    ),
    requests=(
        "^((so|and|then|now|also|ok|please|pls) )*(can|could|would|will|cant|couldnt) (you|u"
        "|we|ya|i get"
        "|i have|you guys) (please |pls |also |just |maybe |now |then |kindly |instead "
        "|possibly |make sure"
        " |help me )*(?!(explain|tell|describe|clarify|summari~|see|confirm|elaborate|remind"
        "|access|read"
        " (images?|pdfs?)|understand|show me (how|what|why|where)|check (if|whether|what|why"
        "|that)|find out"
        "|help me understand|think of|give me (a|an) (overview|summary|explanation)|know"
        "|walk)\\b)\\w+",
        "^((please|pls) )?(would|do) you mind",
        "^(how|what) about (adding|making|using|we|you|if we|a|an)",
        "^why (dont|not) (you|we) (_ )?(try|add|use|make|just|create)",
    ),
    known_by=
    "the and is it this that not with from you your i are was be should would could can cant"
    " dont"
    " doesnt isnt didnt its im ive please add fix make when what why how now still again same"
    " wrong of for"
    " but have has need want use all there here they which show button instead between does"
    " did works work"
    " working nothing only every each other next first last we my our by on at to as if or"
    " where who been"
    " see get got then also after before into out up down remove change update create run test"
    " tests yes"
    " ok okay great thanks good nice commit push continue go do undo revert error errors file"
    " code page",
    hypotheses=(
        "if(?! (i|we) )", "in case", "(the )?cases? (where|when|that)", "unless", "until",
        "whether", "make sure", "makes sure",
        "making sure",
        "ensure", "ensures", "ensuring", "so that", "to avoid", "to prevent", "in order to",
        "be careful",
        "without (breaking|losing|changing|making)", "verify that", "as long as", "dont forget to",
        "do not forget to", "let me know", "not only", "no problem", "no worries", "no need",
        "why not",
        "dont worry", "do you still", "can (i|we|you) still", "assume", "error handling",
        "error (messages?|codes?|state|states|boundary|page)",
        "when there (is|are) no", "not found page", "empty states?", "nice to have",
        "not sure (if|about)",
    ),
    fillers=(
        "ok", "okay", "k", "hmm+", "hm", "uh", "um+", "oh", "ah+", "well", "so", "and", "but",
        "then",
        "hey", "hi", "hello", "sorry", "please", "pls", "yeah", "yes", "yep", "great", "perfect",
        "thanks", "thank you", "cool", "nice", "good", "awesome", "alright", "now", "because",
        "since",
        "btw", "fyi", "guys", "bro", "man", "dude", "claude", "codex", "again", "unfortunately",
        "sadly",
        "it seems", "seems( like)?", "looks like", "it looks like", "i think", "i guess",
        "apparently",
        "wait", "actually", "honestly", "hold on", "excellent", "much better", "very good",
    ),
)  # fmt: skip
