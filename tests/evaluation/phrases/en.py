"""English."""

from __future__ import annotations

from tests.evaluation.phrases.language import Language, Topic

LANGUAGE = Language(
    code="en",
    topics=(
        Topic(
            file="addons/balance/balance_views.xml",
            task=(
                "move the balance column in balance_views.xml to the far right of the invoice list"
            ),
            symptoms=(
                "the balance column is on the left for me, right after the partner name",
                "balance column still shows up second from the left",
                "after the upgrade the list looks the same, balance sits between date and partner",
                "now the column is gone from the list altogether",
                "I see two balance columns, one left one right",
            ),
            expected=(
                (
                    "the order should be date, partner, total, and then balance as the very last "
                    "column"
                ),
                "balance goes last, after total. nothing to the right of it",
            ),
            again=(
                (
                    "move the balance column in balance_views.xml to the far right of the "
                    "invoice list pls"
                ),
                (
                    "balance_views.xml: put the balance column at the right hand end of the "
                    "invoice list"
                ),
            ),
            error=(
                "odoo.tools.convert.ParseError: while parsing balance_views.xml:41\n"
                "Element '<xpath expr=\"//field[@name='amount_total']\">' cannot be located in "
                "parent view"
            ),
            series=(
                "next: add a filter for overdue invoices to balance_views.xml",
                "also give balance_views.xml a group-by on the sales team",
                "and now a search field for the customer reference in the same view",
            ),
            refine=(
                "one more wish: for vendors the column should be hidden, they never have a balance",
                "on the mobile layout the same column can be optional, accountants asked for that",
            ),
            variations=(
                "can I see the balance in bold, like the totals in the footer?",
                "let's try it in the muted grey the other secondary columns have",
                "what about a badge instead, green from zero upwards, red below",
            ),
            praise=(
                "perfect, that's where I wanted it. let the sum appear in the footer of that "
                "column as well"
            ),
        ),
        Topic(
            file="src/auth/session.ts",
            task=(
                "users get logged out after ten minutes even when they are active, fix the "
                "refresh in src/auth/session.ts"
            ),
            symptoms=(
                (
                    "just got kicked to the login page again after about ten minutes of clicking "
                    "around"
                ),
                "the refresh call goes out now but the cookie keeps its old expiry",
                "tried in a private window: 10 min, then /login",
                "now it redirects to /login straight after signing in, over and over",
                "with two tabs open the second one still logs out at ten minutes",
            ),
            expected=(
                (
                    "as long as somebody clicks something within the window the session has to "
                    "stay alive"
                ),
                "activity should push the expiry another 30 minutes ahead each time, in every tab",
            ),
            again=(
                (
                    "active users are logged out after ten minutes, please fix the token refresh "
                    "in src/auth/session.ts"
                ),
                (
                    "users get loged out after 10 minutes even if they are active. fix the "
                    "refresh in src/auth/session.ts"
                ),
            ),
            error=(
                "TypeError: Cannot read properties of undefined (reading 'expiresAt')\n"
                "    at refreshSession (src/auth/session.ts:88:21)\n    at async onActivity "
                "(src/auth/session.ts:61:5)"
            ),
            series=(
                "next thing in session.ts: remember the last visited page across a login",
                "then add a logout in all other tabs when someone signs out in one",
                "finally log each refresh at debug level",
            ),
            refine=(
                "for admins use 15 minutes, that is in the security policy we got on Monday",
                "ah, and embedded kiosks have no cookies, they send a device header you can use",
            ),
            variations=(
                "show the countdown as a toast rather than a modal",
                "actually a thin bar on top would be nicer than the toast",
                "use our brand colour for that bar",
            ),
            praise=(
                "works great, stayed in for an hour. now make the 30 minutes configurable "
                "through an env var"
            ),
        ),
        Topic(
            file="web/components/NavMenu.tsx",
            task=(
                "the mobile menu in NavMenu.tsx covers the search field when it opens, make it "
                "push the content down"
            ),
            symptoms=(
                "on my phone the menu lies on top of the search box",
                "search field is hidden behind it on an iPhone 13, Safari",
                "ok it moves down a bit but the lower half of the search field is covered",
                "opening it makes the page jump to the top now",
                "same overlap on Android, screenshot attached",
            ),
            expected=(
                "when the menu opens everything below it should slide down by its height",
                "search must be fully visible with the menu open, on any width under 640px",
            ),
            again=(
                (
                    "NavMenu.tsx: the opened mobile menu covers the search field, it should push "
                    "the content down"
                ),
                (
                    "make the mobile menu in NavMenu.tsx push the content down so it doesnt "
                    "cover the search field"
                ),
            ),
            error=(
                "  NavMenu.test.tsx:34\n    Error: expect(received).toBe(expected)\n"
                "    Expected: 312\n    Received: 0\n  FAIL  web/components/NavMenu.test.tsx > "
                "pushes content"
            ),
            series=(
                "now add the language switch to NavMenu.tsx",
                "next one: keyboard navigation with the arrow keys in the same menu",
                "and a section for saved searches at the bottom of it",
            ),
            refine=(
                (
                    "on tablets in landscape there is room, so keep the old overlay between 900 "
                    "and 1200px"
                ),
                "people with reduced motion set should get no animation there",
            ),
            variations=(
                "let it slide in from the left and see how that feels",
                "hmm try from the right, where the thumb is",
                "round the corners a little, 12px",
            ),
            praise="lovely, exactly like that. could the animation take 200ms instead of 400",
        ),
    ),
    complaints=(
        "nope, that didn't do it",
        "that's not what I asked for",
        "still broken",
        "wrong again, look at it properly",
        "it doesn't work",
        "you changed the wrong thing",
        "no change at all on my side, third time now",
        "this is worse than before",
    ),
    control=("yes", "go on", "ok continue", "2"),
    chores=("run the tests", "commit this", "push it", "start the dev server again"),
    questions=(
        "which browsers do we officially support?",
        "why is that value kept in two places?",
        "could this be done without a migration?",
    ),
    thanks=("great, thanks", "that's it, thank you!", "nice, works now"),
    reviews=(
        "review from Dana: please extract the constant on line 40",
        "second round of review: rename the helper, and the docstring has a typo",
        "last comment from the PR: use the shared date format here",
    ),
    template="write the translations for {x}, same structure as the other locale files",
    wordings=(
        "list all places where we parse dates by hand",
        "find every spot where a date string is parsed manually",
        "search the code for hand written date parsing and list it",
    ),
    job="check the nightly import log and summarise failed rows",
)
