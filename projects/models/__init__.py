"""Models of the lowest app, by noun."""

from projects.models.change import ChangeRequest, ChangeStep
from projects.models.completion import Entry, ExtraAchievement, Reviewed, ReviewLog, State
from projects.models.evidence import Evidence, EvidenceUse, PointEvidence, StoredFile
from projects.models.exception import WindowException, WindowLog
from projects.models.job import Job
from projects.models.messages import (
    PERSONAL,
    PERSONAL_CHANNELS,
    Channel,
    Delivery,
    Kind,
    Message,
    MessageSwitch,
)
from projects.models.organisation import (
    Department,
    Institution,
    Membership,
    ProfessionalGroup,
    Role,
    User,
)
from projects.models.plan import (
    RELATIVE_UNITS,
    YEARS,
    Level,
    Owned,
    Project,
    ReportingWindow,
    Task,
    TaskPoint,
    WindowKind,
    point_code,
)
from projects.models.reviewing import REVIEWING_ROLES, Delegation, ReviewLevel, ReviewPhrase
from projects.models.rounds import Round, RoundDeadline, ZeroReport
from projects.models.sharing import PointShare, Share
from projects.models.steering import Alert, Bulletin, FollowUp

__all__ = [
    "Alert",
    "Bulletin",
    "ChangeRequest",
    "ChangeStep",
    "Channel",
    "Delegation",
    "Delivery",
    "Department",
    "Entry",
    "Evidence",
    "EvidenceUse",
    "ExtraAchievement",
    "FollowUp",
    "Institution",
    "Job",
    "Kind",
    "Level",
    "Membership",
    "Message",
    "MessageSwitch",
    "Owned",
    "PERSONAL",
    "PERSONAL_CHANNELS",
    "PointEvidence",
    "PointShare",
    "ProfessionalGroup",
    "Project",
    "ReportingWindow",
    "RELATIVE_UNITS",
    "REVIEWING_ROLES",
    "ReviewLevel",
    "ReviewLog",
    "ReviewPhrase",
    "Reviewed",
    "Role",
    "Round",
    "RoundDeadline",
    "Share",
    "State",
    "StoredFile",
    "Task",
    "TaskPoint",
    "User",
    "WindowException",
    "WindowLog",
    "WindowKind",
    "YEARS",
    "ZeroReport",
    "point_code",
]
