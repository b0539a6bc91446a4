"""What English-speaking people say when the work before is wrong."""

from __future__ import annotations

_NOT = (
    "(do not|does not|did not|is not|are not|was not|were not|has not|have not|can not|could not"
    "|will not|would not|dont|doesnt|dosnt|dosent|doesent|doenst|doesn|didnt|isnt|arent|wasnt"
    "|werent|hasnt|havent|cant|cannot|couldnt|wont|wouldnt|aint|is nto|does nto|do nto|did nto)"
)
_STILL = "(still|stil|sitll|stilll|stll)"
WORK = "(work|works|working|worked|wrok|wroking|wokr|wokring|workign)"
_ERROR = "(errors?|erorr|eror|erro|exceptions?|failures?|problems?|issues?|bugs?|warnings?)"
_AGAIN = "(again|agian|agin)"
_MADE = (
    "(broke|removed?|deleted?|forgot|forget|missed|skipped|ignored?|lost|messed|ruined|screwed"
    "|overwrote|undid|dropped|misunderstood|misread|failed|wiped|killed|destroyed|hardcoded"
    "|invented|made (it|this|that|things) worse|(only|just) (did|fixed|changed|updated|added)"
    "|changed the wrong|put it (in|on|at) the wrong)"
)
_SHOWS = (
    "(shows?|showing|displays?|displaying|returns?|returning|gives?|giving|prints?|says?|saying"
    "|renders?|outputs?|opens?|goes|takes|sends|uses|using)"
)

STRICT: tuple[str, ...] = (
    # Still, the same, again, back.
    f"{_STILL} (_ )?(not|no|nothing|never|nope|without|missing|wrong|broken|failing|fails?"
    "|failed|incorrect|empty|blank|stuck|buggy|bad|off|ugly|the same|same|crash~|throw~|hang~"
    f"|freez~|overlap~|overflow~|overlaps|hidden|duplicated?|slow|{_ERROR})",
    f"{_STILL} (_ )?{_NOT}",
    f"{_NOT} {_STILL}",
    f"{_STILL} (get|getting|gets|got|see|seeing|sees|having|have|has|happen~|occur~|exists?"
    "|persists?|there|here|unable|can see|appears?|appearing|complain~|reproduc~)",
    f"(its|it|this|that|is|are) {_STILL} (there|here|in|on|at|the|a|an|{_SHOWS})",
    "^(its )?(the )?(exact |exactly )?same (exact )?"
    f"({_ERROR}|results?|outcome|thing|behaviou?r|story|mistakes?)"
    "( here| again| as (before|above)| still| occurs| persists| happens?)?(?= *([.,!;?\n]|$))",
    "(get|getting|gives?|got|have|having|see|with|its|is|made|make|making) (_ )?(the )?"
    "(exact )?"
    f"same ({_ERROR}|mistakes?|result|wrong|exact)(?! (handling|message|format|type|code"
    "|as in))",
    f"same (_ )?({_ERROR}|thing|mistakes?|result) {_AGAIN}",
    f"the same {_ERROR} (is|occurs?|persists?|remains?|happens?|appears?|exists?|came)",
    f"{_AGAIN} (the )?same ({_ERROR}|thing|result|mistakes?)",
    "(crash|crashed|crashes|fail|failed|failing|fails|off|down|broke|broken|breaks|stopped"
    "|stops|gone"
    "|stuck|lost"
    f"|wrong|missing|happened|happening|happens|disappeared|empty|back) {_AGAIN}",
    f"{_AGAIN} (it |you |its )(_ )?(fail~|crash~|broke|wrong|did|didnt|forgot|removed|same)",
    f"{_ERROR} (is|are|came|comes|has come) back",
    "(no change|no changes|no difference|no effect|no luck|no improvement|no dice)"
    "(?! (is|are|was|needed|required|to|in the (api|schema)))",
    f"nothing (_ )?(changed|changes|happens|happened|{WORK}|is (there|shown|showing|displayed"
    "|different|visible|happening)|shows|showed|appears|appeared|fixed)",
    "(looks|is|are|remains?|behaves|its) (exactly |still )?(the same|unchanged)"
    "( as before)?(?= *([.,!;?\n]|$))",
    "as (bad|broken) as before",
    # It does not work.
    f"{_NOT} (_ )?{WORK}(?! (on|for|in) (the )?(weekend|that yet))",
    f"^not {WORK}",
    f"(is|are|its|thats|seems|seem|now|it|but|and|this|button|still|also|yet) not (_ )?{WORK}",
    f"no longer ({WORK}|shows?|appears?|loads?|opens?|compiles?|builds?|starts?|runs?)",
    "(it|this|that|these|they|which|you|your (fix|change|changes|code|solution|last"
    " change)|fix"
    f"|changes|change|button|page) {_NOT} (_ )?(do|did|help|helped|fix|fixed|solve|solved"
    "|resolve|change|changed|apply|applied|seem|look|respond|show|save|load|open|start|run"
    "|update|refresh|render|compile|build|display|appear|match|happen|make|take|get|go|give"
    "|persist|stick|scroll|close|move|trigger|fire|print|return)~",
    "(is|are|was|were|has|have|hasnt|havent|isnt|arent|wasnt|werent)( not)?( been)?"
    " (un)?(fixed|solved|resolved) (yet|at all|correctly|properly|completely)",
    "(isnt|arent|wasnt|werent|hasnt been|havent been|not|never|not been|only partially)"
    " (really |actually |yet |fully |completely )?(fixed|solved|resolved)",
    "(did|does)(nt| not) (_ )?(fix|help|solve|resolve|address|change anything|do anything"
    "|do the trick|make (a|any) difference|do what|do it|take effect|go away)",
    "(error|issue|problem|bug)s? (_ )?(persists?|remains?|not gone|wont go away)",
    "never (worked|works|fixed)",
    # Not that.
    "(dont|do not|cant|cannot) (see|notice) any (_ )?(difference|changes?|effect|improvement)",
    "(everything|all|nothing|whole \\w+) (is |are |looks |seems )*(broken|gone|lost|messed|wrong)",
    "(cant|cannot) (_ )?(any ?more|any longer)",
    "(it|that|this|page|app|server|build) keeps (crash~|fail~|throw~|break~|show~|disappear~"
    "|hang~)",
    "why (does|do|is|are) (_ )?keep",
    "should have (_ )?been",
    "^wrong (file|one|place|side|way|order|color|colour|page|column|branch|direction|format|data)",
    "^(it )?(doesnt|dont|does not) (look|seem|feel) (right|good|correct|like)",
    "^(it |this |that )?looks? (terrible|awful|horrible|wrong|broken|bad|worse)",
    "(in circles|same mistakes?|circles again)",
    "(is|are) (all )?(blank|empty|gone|broken|missing) (now|again)",
    "not (at all |really |exactly |quite )?(what|how|where|the way|the one|which) (i|we|id"
    "|ive|was|is|has been) ?(_ )?(want~|ask~|mean|meant|said|need~|request~|expect~|describ~"
    "|talk~|looking|intended|had in mind|told)?",
    "^(no|nope|nah|na|noo+)[,.! ]+(no|nope|i|its|it|thats|that|this|the|you|not|wrong|still|we"
    "|they|there|these|those|dont|do not|stop|what|why|my|im|ur|u)"
    "(?! (can|could|may|should) (go|start|proceed))",
    "^(wrong|incorrect|nonsense|bad|exactly the same( thing)?|the same thing)(?= *"
    "([.,!;?\n:-]|$))",
    "^(that|this|it|its|thats|these|those|they|your \\w+|the (fix|result|output|answer|solution"
    "|change|changes|logic|order|value|values|number|numbers|data|total)|which)"
    " ?(is|are|was|were|s|looks?|seems?)? (all |just |simply |completely |totally |clearly"
    " |obviously |also |so |very |now |a bit |still )*(wrong|incorrect|broken|bad|worse"
    "|not right"
    "|not correct|not good|not it|not true|nonsense|terrible|awful|horrible|useless|garbage"
    "|not acceptable|unacceptable|not enough|not the (same|right|case)|a mess|messed up)",
    "^(thats|that is|this is|its|it is|these are|that was) (just |really |still "
    "|definitely )*not"
    "(?! (a problem|an issue|used|needed|part|supported|allowed|possible|relevant|optional|in"
    " use|bad|necessary|needed|urgent|important|only|required|the end))",
    "^not (like (that|this)|that( one)?|this one|there|correct|right|good|true|quite|yet|fixed"
    "|done|enough|what|how|the)(?! (sure|only|if))",
    "^i (_ )?(said|told|asked|meant|mentioned|specified|explained|repeat|insist)"
    "(?! (the|my) (team|boss|client))",
    "(i|we) (just |already |specifically |clearly |explicitly |never |have |had |did not "
    "|didnt )+"
    "(said|told|asked|ask|meant|mentioned|specified|explained|want|wanted|say|request~)",
    "(as|like) (i|we) (_ )?(said|told|asked|mentioned|explained|described|wrote)"
    "(?= *([.,!;?\n]|$| before| above| already| you))",
    "(i|we) (dont|do not|didnt|did not|never) (want|ask|need|like|mean|say|asked|wanted)"
    " (you|it|this|that|to see|for|the|a|any|another|them|these|those|how)",
    "(?<!exactly )(?<!just )(?<!thats )what i (_ )?(asked|meant|wanted|said|requested)("
    " for)?(?! (to|is a))",
    # You.
    "(you|u|youve|uve) (_ )?(have |just |also |again |completely |still |now |even |only"
    f" )*{_MADE}",
    "(you|u) (_ )?(didnt|did not|dint|havent|have not|never|failed to|dont seem|cant even|were"
    " supposed|are supposed|keep|kept|always|still (have|havent|didnt|do|use)|again)",
    "(you|ur|youre|u) (are )?(still |just |again |clearly |totally )?(wrong|mistaken|lying"
    "|hallucinat~|guessing|not (doing|listening|following|reading|using|understanding"
    "|getting))",
    "(you|u) (said|told me|claimed|promised|assured|say) (_ )?(fix~|work~|done|pass~|complete~"
    "|implemented|would|correct|ready)",
    "(why|what) (the (hell|fuck|heck) )?(did|do|have|are|were|would|r|had) (you|u|ya)"
    "(?! (think|recommend|choose|pick|use|go with|decide|suggest|prefer|advise|want|need|mean"
    "|call|propose|see|know))"
    "(?<!what do you)(?<!what did you)(?<!what have you)(?<!what are you)(?<!what would you)"
    "(?<!what were you)(?<!what had you)",
    "what (the (hell|fuck|heck)|have you done|did you (just )?do)",
    f"why (_ )?({_STILL}|{_AGAIN}|{_NOT})",
    "how (come|many times|often)( (do|did|have|must) i| is it still| it)",
    "did (you|u) (even|actually|really|seriously|forget|break|remove|delete|just|not|ignore)",
    "(have|are) (you|u) (even|actually|really|seriously|forgotten|broken|ignoring|kidding"
    "|serious)",
    "(for the|the) (second|third|fourth|fifth|last|hundredth|2nd|3rd|4th|5th|nth"
    "|millionth) time",
    "(over and over|time and again|again and again|once and for all|how hard|pay attention"
    "|read (it|what i|my (message|prompt)|carefully)( \\w+)* (again|carefully|properly))",
    # Take it back.
    "^((please|pls|just|lets|can you|could you|you (should|must|need to)|no) )*(revert|undo"
    "|roll ?back|rollback|restore|reverse|discard|put back|bring back|go back to|reset)"
    " ?(it|that|this|these|those|all|everything|your|the (last|previous|latest|old|original"
    "|change|changes|commit|edit|edits)|to (the|how|what|where|previous|before|original)|my"
    "|back|last|previous|and|changes|now|what)?(?! (button|feature|function|action|command"
    "|support|stack|option|endpoint|api|migration|script|and redo|plan|policy|strategy))"
    "(?= *([.,!;?\n]|$)| \\w)(?<!undo)(?<!rollback)(?<!reset)(?<!reverse)(?<!restore)",
    "^(please )?(undo|rollback|revert|reset it)(?= *([.,!;?\n]|$| please))",
    "(revert|undo|restore|put) (_ )?(what you|your (changes?|edits?|last)|that change|the last"
    " changes?|it back|them back|that back|this back|back (how|to (how|what|where|the way)))",
    "(get rid of|take out|remove) (what|that|the (thing|stuff|crap)) you (added|did|just)",
    # It got worse.
    "(now|and now|but now|now the \\w+|now it) (_ )?(broken|broke|breaks|fails|failing|crash~"
    "|gone|missing|disappeared|lost|worse|stopped|throws|nothing|empty|blank|stuck|duplicated"
    f"|wrong|cant|cannot|doesnt|isnt|dont|wont|not|errors?|{_NOT})",
    "(it|that|this|which|you|change|fix|everything|all|they) (_ )?(broke|has broken|have broken"
    "|regressed|stopped working|got worse|made (it|things) worse|messed|fell apart)",
    "^worse",
    "(even|much|way|far|getting|got|gets|its|is|looks|is now) worse",
    "regress(ed|ion again)",
    "(used to|was) (work|working|fine|ok|correct|better) (_ )?(before|until|yesterday"
    "|earlier|but)",
    "(works?|worked|was fine|ok|good|fixed|better|close|almost|nice|great|there|progress)[,.]?"
    f" (but|except|however|only|though) (_ )?({_NOT}|{_STILL}|not|no|now|wrong|missing"
    "|broke~|fail~"
    "|error~|same|never|nothing|empty)",
    f"but (_ )?({_STILL}|{_NOT}|not {WORK}|nothing|{_AGAIN})",
    f"{_SHOWS} (_ )?instead of",
    f"expected (_ )?(but|got|instead|{_NOT})",
    # Do it properly.
    "(fix|do|make|implement|test|check) (it|this|that|them) (_ )?(properly|correctly|for real"
    f"|right this time|this time|{_AGAIN})",
    f"(try|think|look|check|read|do it|start) (it |this |that )?{_AGAIN}[,.!]? (_ )?(properly"
    "|careful~|harder|correctly|right|because|it|the|this)",
    "(stop|quit) (_ )?(adding|doing|making|using|changing|removing|guessing|creating|writing"
    "|ignoring|breaking|running|asking|trying|that|it|this|being|lying|putting|deleting)"
    "(?! (button|event|loss))",
    "(dont|do not|never) (_ )?(ever|do that|do this again|touch (_ )?again)",
    # Temper.
    "(wtf|ffs|omfg|fuck~|shit|bullshit|crap|damn|dammit|goddamn|jesus|stupid|idiot~|moron"
    "|dumb|ridiculous|pathetic|useless|garbage|come on|are you kidding|for (god|fuck|christ)s"
    " sake|not acceptable|unacceptable|waste of time|disappoint~|frustrat~|annoying|hopeless)"
    "(?! (collector|collection|bin|truck))",
)  # fmt: skip

LOOSE: tuple[str, ...] = (
    _NOT,
    f"{_STILL}(?! (works?|pass|passes|be able|keep|need|want|support|valid|allow|maintain))",
    "(no|without) (effect|result|results|data|output|response|reaction|idea why|text|items?)",
    "(not|nothing|never|nowhere|none|neither|unable|impossible|unexpected~|unwanted|unintended)"
    "(?! (only|just|yet started|too|necessarily|sure|worry|least|a problem|needed|required))",
    "no longer",
    "(missing|empty|blank|wrong~|broken|incorrect~|invalid|inconsistent~|inaccurate|misaligned"
    "|overlap~|overflow~|cut off|cropped|truncated|clipped|duplicated?|duplicates|twice|stuck"
    "|frozen|freez~|hangs?|hanging|laggy|slow|slower|flicker~|blink~|jump~|disappear~|vanish~"
    "|gone|invisible|hidden|unreadable|illegible|garbled|ugly|weird~|werid|wierd|strange~|odd"
    "|funny|off|unclear|confus~|messy|mess|bad|worse|poor|terrible|horrible|lost|unable|wont"
    "|buggy|glitch~|squashed|stretched|distorted|blurry|crooked|outdated|stale|undefined|nan"
    "|useless|incomplete|half|partial~|mistaken?|mistakes?|typo|failing|failed|fails?|failure"
    "|crash~|breaks?|broke|throws?|threw|rejects?|rejected|timed? ?out|timeouts?|loops?|leaks?"
    "|complain~|unresponsive|untouched|unchanged|ignored|ignores|swapped|reversed|upside"
    "|conflicts?|regress~|dead|nope|hallucinat~|unrelated|unnecessary|redundant|needless"
    "|forgot~|forgets?|overkill|contradict~|mismatch~|differs?|different (from|than|to))",
    f"(an?|the|this|these|following|some|get|getting|got|gives?|with|of|these|new|another|more"
    f"|many|see|seeing|has|have|hit|same) (_ )?{_ERROR}",
    f"^{_ERROR}",
    "(too|so|very) (big|small|large|long|short|wide|narrow|high|low|slow|fast|much|many|dark"
    "|light|bright|close|far|tight|complicated|complex|generic|verbose|vague|simple)",
    "(now|it|this|that|which|page|table|button|screen|app|list|still|always|only|just)"
    f" (now |only |always |just |also |still )*{_SHOWS}",
    "(its|it is|they are|theyre|thats) (always|only|just|now|all) ",
    "(i|we) (only|just) (see|get|got|have)",
    "(i|we) (expected|wanted|thought|meant|was expecting|hoped|assumed|said|asked|told"
    "|mentioned)",
    "^(hmm*|hm|uhm+|um+|huh|uh|eh|ehm|erm|oops|ouch|ugh+|argh+|nah|na|no|nope|wait|hold on"
    "|hang on"
    "|actually|stop|sorry|but|however|except|although|seriously|really|what|why|look|come on)"
    "(?! (problem|worries|need|rush|idea|matter|thanks|if|about|do you (think|recommend)"
    "|should))",
    "(why|how come) (is|are|does|do|did|has|have|was|were|would|cant|isnt|doesnt|the|its|it)",
    "(are|r) (you|u) (sure|certain|really)",
    "(did|have|do|dont|didnt|havent) (you|u) (check~|test~|verif~|read|run|look|see|update|add"
    "|remember|notice|understand|forget|forgot|change|remove|really)",
    "(is|isnt|wasnt|was|arent|doesnt) (that|this|it) (_ )?(wrong|right|correct|supposed"
    "|intended"
    "|already|the same|a (bug|problem|mistake))",
    "(shouldnt|should not|should (it|this|that|there) (not|be)|supposed|ought)",
    f"{_AGAIN}(?= *([.,!;?\n]|$| please))",
    "^((please|pls|can you|just|lets) )*((re)?try|retry|redo|repeat|do it|fix it|start|check"
    f"|look|think|read)( (it|this|that|them|at it))? ?({_AGAIN}|over|once more)?"
    "(?= *([.!?\n]|$))",
    "(once more|one more time|from scratch|start over|redo|rework)",
    "(doubt|concerned|worried|suspicious|surprised|not convinced|dont (like|think"
    "|understand|get)"
    "|makes no sense|no sense|prefer|rather not|dont see|cant see|cant find|couldnt find|where"
    " (is|are|did) (the|my|it|all|that))",
    "(you|u|youve) (_ )?(changed|added|used|put|made|wrote|said|did|have|are|were|should"
    "|need|left"
    "|moved|created|only|just|always|again|seem|misunder~)",
    "(better|closer|almost|nearly|not quite|getting there|partly|half way|halfway)[,.!]?"
    "( but| there| though| except)?",
    "(revert|undo|roll(ing)? ?back|put (it|that|them) back|bring back|restore|change it back"
    "|go back|back to (how|what|the (old|previous|original)))",
    "(looks|look|feels|seems|sounds|smells|behaves|acts) (like|as|a bit|very|too|so|bad"
    "|really)",
    "(fix|correct|repair|resolve|solve)(?! (version|width|size|height|position))",
)  # fmt: skip
