"""登记成果: one row of the ledger, from its form to its approval and correction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators import ledger
from indicators.duplicates import Twin, is_reference, keys_of, twins, unexplained
from indicators.landmarks import NO_LEVEL
from indicators.ledger_words import told, too_low
from indicators.models import Outcome
from indicators.pasted import KINDS
from projects import evidence, review
from projects.door import EVIDENCE_SIZES, status_of, takes_at_most
from projects.forms import DecisionForm, EvidenceForm
from projects.guard import Guard, NotWritable
from projects.history import latest_first
from projects.models import Project, ReviewLog, State, User
from projects.permissions import Action, can, can_fill, may_withdraw, project_or_404, require
from projects.reviewing import Panel
from projects.seen import seen_of
from projects.views.files import file_rows
from projects.views.page import CONFLICT, UNPROCESSABLE, page, refused_with, signed_in
from reports.ledger_forms import OutcomeForm, Places, asked_about, typed_of
from reports.ledger_history import events

SECTION = "reports:outcomes"


def outcome_or_404(user: User, pk: int, outcome_pk: int) -> Outcome:
    """A row of a project the user may see; of drafts only those of the own department."""
    project = project_or_404(user, pk)
    rows = Outcome.objects.visible_to(user, project).select_related(
        "department", "task", "target", "supported_target", "author"
    )
    outcome: Outcome = get_object_or_404(rows, pk=outcome_pk)
    outcome.project = project
    return outcome


def require_fill(user: User, outcome: Outcome) -> None:
    owner = outcome.department or "项目办"
    require(can_fill(user, outcome), f"成果 {outcome.code} 由{owner}登记，您不能修改。")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@takes_at_most(*EVIDENCE_SIZES, field="materials")
def new(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    project = project_or_404(user, pk, Action.FILL)
    places, today = Places(project, user), timezone.localdate()
    if request.method != "POST":
        initial = {"link": request.GET.getlist("link"), "quantity": "1", "level": NO_LEVEL}
        initial |= {name: request.GET.get(name, "") for name in ("task", "target")}
        return form_page(request, project, OutcomeForm(initial=initial, places=places, today=today))
    form = OutcomeForm(request.POST, request.FILES, places=places, today=today)
    if not form.is_valid():
        return form_page(request, project, form, status=status_of(request, form))
    if found := asked_about(form, user, project):
        return form_page(request, project, form, status=UNPROCESSABLE, twins=found)
    submitting = request.POST.get("step") == "submit"

    def enter() -> Outcome:
        (outcome,) = ledger.register(
            project, [form.fresh()], by=user, now=timezone.now(), submitting=submitting
        )
        return outcome

    return write(request, project, form, enter, submitting=submitting)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@takes_at_most(*EVIDENCE_SIZES, field="materials")
def edit(request: HttpRequest, pk: int, outcome_pk: int) -> HttpResponse:
    """Change a draft or what was returned; what counts is corrected by the office, with a reason."""
    user = signed_in(request)
    outcome = outcome_or_404(user, pk, outcome_pk)
    project, is_correction = outcome.project, outcome.state == State.APPROVED
    if is_correction:
        require(
            can(user, Action.REVIEW, project),
            "这项成果已通过，由项目办更正；需要修改时，请在成果页面申请退回。",
        )
    else:
        require_fill(user, outcome)
    places, today = Places(project, user), timezone.localdate()
    options: dict[str, Any] = {"places": places, "today": today, "is_correction": is_correction}
    about: dict[str, Any] = {"outcome": outcome, "seen": review.version_of(outcome)}
    if outcome.state == State.SUBMITTED and request.method != "POST":
        messages.info(request, "这项成果正在审核中。要修改，请先撤回。")
        return to_row(outcome)
    if request.method != "POST":
        form = OutcomeForm(initial=typed_of(outcome, ledger.links_of(outcome)), **options)
        return form_page(request, project, form, **about)
    form = OutcomeForm(request.POST, request.FILES, **options)
    about["seen"] = request.POST.get("seen", "")
    if not form.is_valid():
        return form_page(request, project, form, status=status_of(request, form), **about)
    if found := asked_about(form, user, project, but=outcome.pk):
        return form_page(request, project, form, status=UNPROCESSABLE, twins=found, **about)
    submitting = request.POST.get("step") == "submit" and not is_correction
    now, seen = timezone.now(), about["seen"]

    def change() -> Outcome:
        if is_correction:
            why = form.cleaned_data["reason"]
            return ledger.correct(outcome, form.fresh(), by=user, reason=why, seen=seen, now=now)
        changed = ledger.rewrite(outcome, form.fresh(), by=user, seen=seen, now=now)
        return review.submit(changed, by=user, now=now) if submitting else changed

    return write(request, project, form, change, submitting=submitting, **about)


def write(
    request: HttpRequest,
    project: Project,
    form: OutcomeForm,
    enter: Callable[[], Outcome],
    *,
    submitting: bool,
    **about: Any,
) -> HttpResponse:
    """The row with its files, all or nothing; then its page."""
    user = signed_in(request)
    try:
        with evidence.filing() as files:
            outcome = enter()
            for upload in form.cleaned_data["materials"]:
                files.attach(outcome, upload, by=user)
    except evidence.NotStored as fault:
        form.add_error("materials", str(fault))
        return form_page(request, project, form, status=UNPROCESSABLE, **about)
    except (review.NotAllowed, NotWritable) as refusal:
        return form_page(request, project, form, status=refused_with(refusal), refusal=refusal, **about)
    if outcome.state == State.APPROVED:
        messages.success(request, f"已更正 {outcome.code}，原内容保留在记录里。")
    elif submitting:
        messages.success(request, f"已登记 {outcome.code} 并提交审核，通过后计入。")
    else:
        messages.success(request, f"已保存草稿 {outcome.code}，提交并审核通过后才计入。")
    return to_row(outcome)


def form_page(
    request: HttpRequest,
    project: Project,
    form: OutcomeForm,
    *,
    status: int = 200,
    outcome: Outcome | None = None,
    seen: str = "",
    twins: Sequence[Twin] = (),
    refusal: Exception | None = None,
) -> HttpResponse:
    """The form; after a refusal with what stands now beside what was typed."""
    overtaken = refusal.record if isinstance(refusal, review.Overtaken) else None
    fields = [form[name] for name in ("name", "level", "kind", "grade", "awarded_on", "quantity")]
    return page(
        request,
        "reports/outcome_form.html",
        project,
        status=status,
        section=SECTION,
        form=form,
        fields=fields,
        outcome=outcome,
        seen=review.version_of(overtaken) if isinstance(overtaken, Outcome) else seen,
        twins=twins,
        others={other.code for other in form.places.others},
        refusal=refusal,
        standing=told(overtaken) if isinstance(overtaken, Outcome) else None,
        links=form.places.link_choices(form.links),
        kinds=KINDS,
        files=file_rows(outcome) if outcome else [],
        returned=last_words(outcome) if outcome and outcome.state == State.RETURNED else None,
    )


def last_words(outcome: Outcome) -> ReviewLog | None:
    """The decision that gave it back."""
    logs = review.logs_of([outcome]).filter(verb__in=review.GIVING_BACK).select_related("by")
    return logs.order_by("-id").first()


@login_required
@require_GET
def row(request: HttpRequest, pk: int, outcome_pk: int) -> HttpResponse:
    """One row: what it says, what it counts for, where it is in review, and what happened to it."""
    user = signed_in(request)
    return row_page(request, user, outcome_or_404(user, pk, outcome_pk), DecisionForm())


def row_page(
    request: HttpRequest, user: User, outcome: Outcome, decision: DecisionForm, *, status: int = 200
) -> HttpResponse:
    """`decision` holds the words of who was overtaken."""
    project, today = outcome.project, timezone.localdate()
    panel = Panel(project, today)
    logs = list(review.logs_of([outcome]).select_related("by", "on_behalf_of").order_by("id"))
    may_fill, may_review = can_fill(user, outcome), can(user, Action.REVIEW, project)
    is_submitted, is_approved = outcome.state == State.SUBMITTED, outcome.state == State.APPROVED
    is_open = outcome.state in (State.DRAFT, State.RETURNED)
    keys = keys_of(outcome.name, outcome.document_no)
    return page(
        request,
        "reports/outcome.html",
        project,
        status=status,
        section=SECTION,
        outcome=outcome,
        content={label: text for label, text in told(outcome).items() if text and label not in ("名称",)},
        links=Places(project, user).link_choices(ledger.links_of(outcome)),
        files=file_rows(outcome, user),
        may_add=may_fill,
        evidence_form=EvidenceForm(upload=reverse("reports:proof_add", args=["outcome", outcome.pk])),
        events=latest_first(events(outcome, logs, panel)),
        whereabouts=panel.whereabouts(outcome) if is_submitted else "",
        twins=twins([keys], project, user, but=outcome.pk).get(0, []),
        too_low=too_low(outcome),
        first_project=first_project(outcome, user) if is_reference(outcome) else None,
        seen=review.version_of(outcome),
        decision=decision,
        asked=last_asked(logs) if is_approved else None,
        locked=Guard(user, project, today).lock(outcome, outcome.awarded_on),
        may_edit=(is_open and may_fill) or (is_approved and may_review),
        may_submit=outcome.state == State.DRAFT and may_fill,
        may_discard=outcome.state == State.DRAFT and may_fill and not logs,
        may_withdraw=is_submitted and may_withdraw(user, outcome),
        may_decide=is_submitted and panel.seat(user, outcome) is not None,
        may_revoke=is_approved and may_review,
        may_ask=is_approved and may_fill and not may_review,
    )


def last_asked(logs: Sequence[ReviewLog]) -> ReviewLog | None:
    """The wish of the department to have it back, as long as nothing was done since."""
    return logs[-1] if logs and logs[-1].verb == "ask" else None


def first_project(outcome: Outcome, user: User) -> Any:
    """The project where it counts, or its code alone where that is not here."""
    others = Places(outcome.project, user).others
    found = next((project for project in others if project.code == outcome.first_project_code), None)
    return found or outcome.first_project_code


@login_required
@require_POST
def act(request: HttpRequest, pk: int, outcome_pk: int, verb: str) -> HttpResponse:
    """One step of a row, then its page."""
    user = signed_in(request)
    outcome = outcome_or_404(user, pk, outcome_pk)
    if verb not in STEPS:
        raise Http404
    try:
        sentence = STEPS[verb](request, outcome, user)
    except review.Overtaken as refusal:
        messages.error(request, f"{refusal}请看现在的内容，再决定一次。")
        standing = outcome_or_404(user, pk, outcome_pk)
        return row_page(request, user, standing, DecisionForm(request.POST), status=CONFLICT)
    except review.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, sentence)
    if verb == "discard" and not Outcome.objects.filter(pk=outcome.pk).exists():
        return redirect(f"{reverse('reports:outcomes', args=[outcome.project_id])}?view=mine")
    return to_row(outcome)


def submit(request: HttpRequest, outcome: Outcome, user: User) -> str:
    require_fill(user, outcome)
    if found := unexplained(outcome, user):
        twin = found[0]
        who = twin.department or twin.who
        raise review.NotAllowed(
            f"“{twin.project_name}”里已有{'、'.join(twin.why)}的 {twin.code}（{who}）。"
            "请点“修改”，写明仍要登记的理由，或改为引用后再提交。"
        )
    with transaction.atomic():
        ledger.refuse([outcome], by=user, now=timezone.now())
        review.submit(outcome, by=user, now=timezone.now())
    return f"已提交 {outcome.code}，审核通过后计入。"


def withdraw(request: HttpRequest, outcome: Outcome, user: User) -> str:
    require(may_withdraw(user, outcome), f"只有登记人{outcome.author or ''}本人可以撤回。")
    review.withdraw(outcome, by=user)
    return "已撤回，可以继续修改后再提交。"


def decide(request: HttpRequest, outcome: Outcome, user: User, verb: Callable[..., Any], **more: Any) -> None:
    seat = Panel(outcome.project, timezone.localdate()).seat(user, outcome)
    if outcome.state == State.SUBMITTED:
        require(seat is not None, "这项成果现在不由您审核。")
    else:
        require(can(user, Action.REVIEW, outcome.project), "您没有审核的权限，请联系本校项目办。")
    comment, seen = request.POST.get("comment", ""), seen_of(request)
    behalf = seat.behalf if seat else None
    verb(outcome, by=user, comment=comment[:5000], seen=seen, behalf=behalf, **more)


def approve(request: HttpRequest, outcome: Outcome, user: User) -> str:
    decide(request, outcome, user, review.approve, now=timezone.now())
    return f"已通过 {outcome.code}。"


def give_back(request: HttpRequest, outcome: Outcome, user: User) -> str:
    decide(request, outcome, user, review.return_for_revision)
    return f"已退回 {outcome.code}，由登记部门修改。"


def revoke(request: HttpRequest, outcome: Outcome, user: User) -> str:
    require(can(user, Action.REVIEW, outcome.project), "撤销通过由项目办操作。")
    comment = request.POST.get("comment", "")[:5000]
    review.revoke(outcome, by=user, comment=comment, now=timezone.now(), seen=seen_of(request))
    return f"已撤销通过 {outcome.code}，从现在起不再计入，由登记部门修改后再提交。"


def discard(request: HttpRequest, outcome: Outcome, user: User) -> str:
    require_fill(user, outcome)
    ledger.discard(outcome, seen=request.POST.get("seen", ""))
    return f"已删除草稿 {outcome.code}，编号不再使用。"


def ask(request: HttpRequest, outcome: Outcome, user: User) -> str:
    require_fill(user, outcome)
    ledger.ask_back(outcome, by=user, why=request.POST.get("comment", "")[:5000])
    return "已请求项目办退回，退回后可以修改。"


STEPS: dict[str, Callable[[HttpRequest, Outcome, User], str]] = {
    "submit": submit,
    "withdraw": withdraw,
    "approve": approve,
    "return": give_back,
    "revoke": revoke,
    "discard": discard,
    "ask": ask,
}


def to_row(outcome: Outcome) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("reports:outcome", args=[outcome.project_id, outcome.pk]))
