"""Who may ask for what: one line for every address of the site, read by tests/test_access.py.

A line: the route, the methods it answers, and who is let in (`GROUPS`). What is refused, and how, follows
from the group: a member of the college is told so (403), to anyone else it does not exist (404), and a
visitor is asked to log in. Methods that a line does not name are not answered.
"""

from __future__ import annotations

TABLE = """
logout                      POST      everyone
password_change             GET,POST,PUT  members
password_change_done        GET       members

api:api-root                GET       members
api:schema                  GET       members
api:project-list            GET       members
api:project-detail          GET       readers
api:project-figures         GET       readers
api:project-points          GET       readers
api:project-rows            GET,POST  writers

reports:home                GET       members
reports:overview            GET       readers
reports:mine                GET       writers
reports:mine_rows           POST      writers
reports:mine_row            GET       owners
reports:offline             GET,POST  writers
reports:offline_download    GET       writers
reports:offline_file        GET       asker
reports:offline_confirm     POST      asker
reports:offline_marked      GET       asker
reports:review              GET       office
reports:review_bulk         GET,POST  office
reports:review_approve      POST      office
reports:review_return       POST      office
reports:review_revoke       POST      office
reports:review_withdraw     POST      author
reports:tasks               GET       readers
reports:task                GET       readers
reports:indicators          GET       readers
reports:outcomes            GET       readers
reports:outcome             GET       winners
reports:outcome_new         GET,POST  fillers
reports:outcome_edit        GET,POST  winners
reports:outcome_paste       GET,POST  fillers
reports:outcome_links       GET       fillers
reports:outcome_many        POST      fillers
reports:outcome_act         POST      winners
reports:linked              GET       readers
reports:linked_add          POST      owners
reports:funding             GET       readers
reports:satisfaction        GET       readers
reports:library             GET       readers
reports:catalogue           GET       readers
reports:material            GET       readers
reports:material_edit       POST      owners
reports:material_file       POST      owners
reports:material_use        POST      fillers
reports:proofs              GET       readers
reports:proof_add           POST      owners
reports:proof_link          POST      owners
reports:proof_edit          POST      owners
reports:proof_remove        POST      owners
reports:books               GET       readers
reports:book_make           POST      office
reports:book_file           GET       readers
reports:score               GET       readers
reports:chart               GET       readers
reports:proof               GET       readers
reports:changes             GET       readers
reports:change_new          GET,POST  owners
reports:change              GET       concerned
reports:change_act          POST      office
reports:change_file         GET       concerned
reports:report              GET       readers
reports:finalise            GET,POST  office
reports:in_the_way          GET       office
reports:version             GET       readers
reports:version_file        POST      readers
reports:report_files        GET       readers
reports:report_file         GET       readers
reports:report_retry        POST      readers
reports:document            GET       readers
reports:render              POST      readers

reports:shares              GET       readers
reports:split               GET,POST  splitters
reports:share_total         POST      owners
reports:share               GET,POST  sharers

reports:duties              GET,POST  givers
reports:handover            GET,POST  givers

reports:import              GET,POST  payers
reports:template            GET       importers
reports:list_template       GET       importers
reports:workbook            GET       office
reports:workbook_list       GET       office
reports:intake              GET       keepers
reports:intake_progress     GET       keepers
reports:intake_file         GET       keepers
reports:intake_marked       GET       keepers
reports:intake_act          POST      keepers
reports:convert             GET,POST  importers
reports:conversion          GET,POST  keepers
reports:conversion_progress GET       keepers
reports:conversion_file     GET       keepers
reports:conversion_workbook GET       keepers
reports:conversion_preview  POST      keepers

projects:delegations        GET,POST  office
projects:delegation_end     POST      office
projects:levels             GET,POST  office
projects:phrases            POST      office
projects:rounds             GET       office
projects:round_new          GET,POST  office
projects:round              GET,POST  office
projects:messages           GET       members
projects:messages_read      POST      members
projects:message_settings   GET,POST  members
projects:message            GET       told
projects:message_deliveries GET       administrators
projects:message_again      POST      administrators
projects:locks              GET       office
projects:unlock             POST      office
projects:exception_grant    POST      office
projects:exception_end      POST      office
projects:people             GET       administrators
projects:person_new         GET,POST  administrators
projects:person             GET,POST  administrators
projects:person_join        POST      administrators
projects:person_role        GET,POST  administrators
projects:person_leave       POST      administrators
projects:person_act         POST      administrators
projects:department         GET,POST  administrators
projects:department_delete  POST      administrators
projects:department_merge   POST      administrators
projects:department_new     GET,POST  administrators

projects:point              GET       readers
projects:fill               GET,POST  owners
projects:evidence           GET       readers
projects:submit             POST      drafters
projects:withdraw           POST      author
projects:job                GET       asker
projects:job_file           GET       asker
projects:job_retry          POST      asker
"""

# Routes that are not in the table, with the reason.
EXEMPT = {
    "login": "open to everyone; who is logged in already is sent on, whatever the method",
    "sso_oidc": "open to everyone, as it leads to another log-in; 404 until configured (test_sso.py)",
    "sso_oidc_back": "open to everyone; lets in whom the provider vouches for, 404 until configured",
    "sso_cas": "open to everyone; lets in whom the CAS server vouches for, 404 until configured",
    "admin": "every page of the back office lets in the platform's administrators alone, checked as one",
}

OWN = ("platform", "admin", "office", "head", "filler")
# A filler of another department to whom the point was given, and who leads this one project.
LIMITED = ("given_filler", "project_leader")
MEMBERS = (*OWN, *LIMITED, "other_filler", "leader", "group_leader", "finance", "principal")
# A filler of the responsible department whose role is limited to another project of the college.
ELSEWHERE = "elsewhere"
# They see only what a college hands to them.
GUESTS = ("expert", "authority")
OUTSIDER, VISITOR = "outsider", "visitor"

# Who is let in; what others of the college get, those of another project of it, its guests, the outsider.
GROUPS: dict[str, tuple[tuple[str, ...], int, int, int, int]] = {
    "everyone": ((*MEMBERS, ELSEWHERE, *GUESTS, OUTSIDER, VISITOR), 0, 0, 0, 0),
    "members": ((*MEMBERS, ELSEWHERE, *GUESTS, OUTSIDER), 0, 0, 0, 0),
    "readers": (MEMBERS, 0, 403, 404, 404),
    # Who reads everything, and who fills what it is about.
    "concerned": (tuple(name for name in MEMBERS if name != "other_filler"), 403, 403, 404, 404),
    "fillers": ((*OWN, "other_filler", "given_filler"), 403, 403, 404, 404),
    # Whoever finds rows in 我的任务: those who fill, and those who write the chapter of what they lead.
    "writers": (tuple(name for name in MEMBERS if name not in ("finance", "principal")), 403, 403, 404, 404),
    "owners": ((*OWN, "given_filler"), 403, 403, 404, 404),
    # The head of the responsible department hands out its work, not who fills there.
    "givers": (("platform", "admin", "office", "head"), 403, 403, 404, 404),
    # So does, for shares, who leads its task.
    "splitters": (("platform", "admin", "office", "head", "project_leader"), 403, 403, 404, 404),
    # The unit that took over a share of another's point.
    "sharers": (("platform", "admin", "office", "other_filler", "given_filler"), 403, 403, 404, 404),
    "office": (("platform", "admin", "office"), 403, 403, 404, 404),
    # Whoever may import somewhere; the outsider may, at home.
    "importers": (("platform", "admin", "office", OUTSIDER), 403, 403, 403, 0),
    # The same for 经费 alone.
    "payers": (("platform", "admin", "office", "finance", OUTSIDER), 403, 403, 403, 0),
    "keepers": (("platform", "admin", "office"), 403, 403, 403, 404),
    "administrators": (("platform", "admin"), 403, 403, 403, 403),
    # A draft is not there for those who do not fill its point, nor a row of the ledger that is one.
    "drafters": ((*OWN, "given_filler"), 404, 403, 404, 404),
    "winners": (OWN, 404, 403, 404, 404),
    # Who handed it in, and whom the point was given to since.
    "author": (("filler", "given_filler"), 403, 403, 404, 404),
    # A message is there for the one it was written to.
    "told": (("filler",), 404, 404, 404, 404),
    # A job is there for the one who asked for it.
    "asker": (("office",), 404, 404, 404, 404),
}
